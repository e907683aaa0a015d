"""The audit: a journal held against itself, against the audit channel, and written out for people without this program.

`verify` follows the hash chain, replays `events` into every transfer's row and compares them with `transfers`, and
judges every arrow, approval, claim and freeze once more by the policy of its moment. Everything here only reads.
"""
