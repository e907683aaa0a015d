"""What a desk can show about itself on the machine it is to run on, without a workspace, a key or a network."""
