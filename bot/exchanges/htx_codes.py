"""What HTX's codes mean for the money: `REFUSED`, nothing moved; every other code leaves the outcome unknown.

The codes are HTX's (htx-api.md §2.6, §2.7), the classes are the dossier's judgement. Left out on purpose, so unknown:
500, 10006, 1030, 1300, 1302, 1316, 1317, 1318, 1321 and 1323 (system errors, and steps of a freeze, move and confirm
sequence that may have stopped half-way), 40408 (a duplicate: of what?), the gateway's `gateway-internal-error`,
`timeout`, `base-request-timeout` and `system-maintenance`.
"""

from __future__ import annotations

_ORDER = """
    502 504 10000 10001 10002 10003 10004 10005 1013 1089 1106
    1301 1303 1304 1305 1306 1307 1308 1309 1310 1311 1312 1313 1314 1315 1319 1320 1322 1331
"""
# The key, the user or the account may not do this; somebody has to change a setting first.
_PERMISSION = """
    403 404 501 512 513 10008 10009 10010 10011 20001 1010 1012 1018
    1102 1103 1111 1112 1114 1327 1328 1329 1330
"""
# Any v2 endpoint of the account API: forbidden, invalid field value, invalid signature, verification failure.
_ACCOUNT_API = "1002 1003 2002 3011"
_GATEWAY = """
    api-signature-not-valid api-signature-check-failed login-required
    invalid-parameter bad-request method-not-allowed
"""

RATE_LIMITED = frozenset(["429", "40403", "base-request-exceed-frequency-limit", "rate-too-many-requests"])
REFUSED = frozenset(f"{_ORDER} {_PERMISSION} {_ACCOUNT_API} {_GATEWAY}".split()) | RATE_LIMITED

# HTX's own `Invalid parameter` and `Lack of parameter`; without that word they could be HTTP's Bad Gateway and
# Gateway Timeout (htx-api.md §2.6).
ABOUT_A_PARAMETER = frozenset({"502", "504"})
