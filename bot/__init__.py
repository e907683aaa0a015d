"""Transferdesk: the desk that moves money between accounts of one exchange. It knows no Slack."""
