"""Everything that knows Slack: listeners that check, parse, call one use case and ack; cards; the poster."""
