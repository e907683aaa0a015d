"""Looking around in the journal with a browser: Datasette over a snapshot, on this machine alone."""
