BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'transferdesk','first_tables','2026-11-21 20:40:45.201706+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'transferdesk','identity_and_tries','2026-11-21 20:40:45.209731+00:00');
CREATE TABLE approvals (
        transfer_id INTEGER NOT NULL REFERENCES transfers(id),
        version INTEGER NOT NULL,
        approver TEXT NOT NULL,
        decision TEXT NOT NULL,
        seal TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (transfer_id, version, approver)
    ) STRICT
    ;
INSERT INTO "approvals" VALUES(1,1,'U03CAROL','not_executed','dbddc42e.3fbd651e','2026-11-21T10:30:08.740Z');
INSERT INTO "approvals" VALUES(1,1,'U04DAN','not_executed','dbddc42e.3fbd651e','2026-11-21T10:30:08.940Z');
CREATE TABLE deliveries (
        key TEXT PRIMARY KEY,
        answer TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    ;
CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        transfer_id INTEGER REFERENCES transfers(id),
        kind TEXT NOT NULL,
        actor TEXT NOT NULL,
        data TEXT NOT NULL,
        previous_hash TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "events" VALUES(1,'2026-11-21T10:15:00.000Z',NULL,'started','desk','{"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","version":"simulated"}','0000000000000000000000000000000000000000000000000000000000000000','82bc091f014934bce64ec074b987ff97dc84f32daa24893beeddf16a50c923b8');
INSERT INTO "events" VALUES(2,'2026-11-21T10:22:00.000Z',1,'proposed','U02BOB','{"amount":"100","asked":"100 usdt htx:linear-swap -&gt; htx:spot","channel":"C01TREASURY","currency":"USDT","equal":[],"margin_account":"USDT","outcome":null,"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','82bc091f014934bce64ec074b987ff97dc84f32daa24893beeddf16a50c923b8','44801682a39a83a1a01f190eddc092a565106042e1e33390cd8534ec18fc5bce');
INSERT INTO "events" VALUES(3,'2026-11-21T10:22:00.100Z',1,'approved','U02BOB','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":null,"reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','44801682a39a83a1a01f190eddc092a565106042e1e33390cd8534ec18fc5bce','0696d1f50b65581811b78c2dda610b2fd01830dcf945ac833d9686077b4eb192');
INSERT INTO "events" VALUES(4,'2026-11-21T10:22:00.100Z',2,'proposed','U01ALICE','{"amount":"100","asked":"100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","currency":"USDT","equal":[],"margin_account":"BTC-USDT","outcome":null,"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","version":1}','0696d1f50b65581811b78c2dda610b2fd01830dcf945ac833d9686077b4eb192','1d27390418966cbdca61b8eb2ad5065cd5564d6e6512602588ac4814e5ae3566');
INSERT INTO "events" VALUES(5,'2026-11-21T10:22:00.300Z',NULL,'turned_away','U02BOB','{"attempt":"confirm T2 version 1","channel":"C01TREASURY","team":"T01DESK","why":"Only alice, who asked for T2, can do that."}','1d27390418966cbdca61b8eb2ad5065cd5564d6e6512602588ac4814e5ae3566','2054eabcd85e457ad3af709576689193b5ed814ab63dfb0e15d377c045478033');
INSERT INTO "events" VALUES(6,'2026-11-21T10:22:00.300Z',3,'proposed','U02BOB','{"amount":"100","asked":"100 usdt htx:linear-swap -&gt; htx:spot","channel":"C01TREASURY","currency":"USDT","equal":["T1 approved"],"margin_account":"USDT","outcome":null,"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','2054eabcd85e457ad3af709576689193b5ed814ab63dfb0e15d377c045478033','f71c6aec24341f0ab4ea4341b6b04e0ae12281f9ed5f76607905cd68966c9ed7');
INSERT INTO "events" VALUES(7,'2026-11-21T10:22:00.400Z',3,'approved','U02BOB','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":null,"reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','f71c6aec24341f0ab4ea4341b6b04e0ae12281f9ed5f76607905cd68966c9ed7','75ea0fda5b646a67c9f6afd4287d7b3094854f2004da2dc74c143d428c516ca6');
INSERT INTO "events" VALUES(8,'2026-11-21T10:22:00.500Z',1,'held','desk','{"why":"It waits: HTX answered HTTP 500 without usable JSON."}','75ea0fda5b646a67c9f6afd4287d7b3094854f2004da2dc74c143d428c516ca6','3cf90d87815b46d88ae8b3d440aca7d1da21ca3fa37c2e467cf19eaf576aba9e');
INSERT INTO "events" VALUES(9,'2026-11-21T10:22:20.500Z',NULL,'turned_away','U02BOB','{"attempt":"confirm T2 version 1","channel":"C01TREASURY","team":"T01DESK","why":"Only alice, who asked for T2, can do that."}','3cf90d87815b46d88ae8b3d440aca7d1da21ca3fa37c2e467cf19eaf576aba9e','506cdae883b2587190771a5a2c1a9d50694c0a88b180d793e446ee13301b04c3');
INSERT INTO "events" VALUES(10,'2026-11-21T10:22:20.800Z',1,'sending','desk','{"amount":"100","before":"approved","connection":"0a239ca5d105","currency":"USDT","evidence":{"read_at":"2026-11-21T10:22:20.800Z","spot.available":"4000","spot.seq-num":"0"},"lines":[],"margin_account":"USDT","outcome":null,"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","user":"40001234","version":1}','506cdae883b2587190771a5a2c1a9d50694c0a88b180d793e446ee13301b04c3','7a3564d519f57adf0fd147352002a5dcf54aca25eec12e39a7a78773bff040ec');
INSERT INTO "events" VALUES(11,'2026-11-21T10:22:21.000Z',1,'unknown','desk','{"amount":"100","before":"sending","currency":"USDT","margin_account":"USDT","outcome":"The connection broke before a complete answer.","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','7a3564d519f57adf0fd147352002a5dcf54aca25eec12e39a7a78773bff040ec','97a619e290c3d95fb46ab48118542eab4c728a7275bfc2e2ad890bbf80fb7612');
INSERT INTO "events" VALUES(12,'2026-11-21T10:22:21.000Z',3,'asked_again','desk','{"amount":"100","before":"approved","currency":"USDT","margin_account":"USDT","outcome":"T1, an equal transfer, was sent without an answer. Please look at it again and confirm if it is still wanted.","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"75f3fd72","version":2}','97a619e290c3d95fb46ab48118542eab4c728a7275bfc2e2ad890bbf80fb7612','3563e0d470440ab1d6f7ec9253d8cfcb116d92dca16f28cc5c5b993a5fd31274');
INSERT INTO "events" VALUES(13,'2026-11-21T10:22:23.400Z',1,'looked','desk','{"digest":"00000000","lines":[],"trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:22 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance is unchanged since before the request: 4,000.00 USDT."]}','3563e0d470440ab1d6f7ec9253d8cfcb116d92dca16f28cc5c5b993a5fd31274','90a2ef6e32d63f59c482d9d252fe07eeec04dce96ce2f1d10c410937bdb066cf');
INSERT INTO "events" VALUES(14,'2026-11-21T10:22:25.510Z',4,'proposed','U01ALICE','{"amount":"100","asked":"100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","currency":"USDT","equal":["T2 proposed"],"margin_account":"BTC-USDT","outcome":null,"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","version":1}','90a2ef6e32d63f59c482d9d252fe07eeec04dce96ce2f1d10c410937bdb066cf','024a096cf8905e9ea3932597ad8b45281d3001a8a29f5e629f9f909502947b1d');
INSERT INTO "events" VALUES(15,'2026-11-21T10:22:25.510Z',NULL,'turned_away','U03CAROL','{"attempt":"100 usdt htx:linear-swap -&gt; htx:spot","channel":"C01TREASURY","team":"T01DESK","why":"No rule lets you move USDT from `htx:linear-swap` to `htx:spot`. The nearest rule, collateral, does not name you."}','024a096cf8905e9ea3932597ad8b45281d3001a8a29f5e629f9f909502947b1d','436fa54bff64d23f31639526107d1507e127252bf53a315e66ab2b61bb3bc875');
INSERT INTO "events" VALUES(16,'2026-11-21T10:22:25.510Z',NULL,'turned_away','U06MALLORY','{"attempt":"transfer_cancel 2.1","channel":"C01TREASURY","team":"T01DESK","why":"You are not on this desk''s allowlist. Whoever keeps the desk''s configuration can add you."}','436fa54bff64d23f31639526107d1507e127252bf53a315e66ab2b61bb3bc875','1edf433961a67094c8c24210964ea09d685d6177925ae96601e0ac187336815f');
INSERT INTO "events" VALUES(17,'2026-11-21T10:22:25.510Z',2,'approved','U01ALICE','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":null,"reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","version":1}','1edf433961a67094c8c24210964ea09d685d6177925ae96601e0ac187336815f','e61680b68069100c6601af6c1be88a3e61bf2e227482c0387d183e0d68c9db3e');
INSERT INTO "events" VALUES(18,'2026-11-21T10:22:25.510Z',NULL,'started','desk','{"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","version":"simulated"}','e61680b68069100c6601af6c1be88a3e61bf2e227482c0387d183e0d68c9db3e','e1fef95fdf9698e95f449117e41279df003d31acdccdde80b4067d4a7661520c');
INSERT INTO "events" VALUES(19,'2026-11-21T10:22:25.510Z',3,'cancelled','U02BOB','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":"Cancelled by the requester. Nothing was sent.","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"75f3fd72","version":2}','e1fef95fdf9698e95f449117e41279df003d31acdccdde80b4067d4a7661520c','3a90feda6bfcb6848f9250ba85bf14f56ef1dd2f91cf0214ad15de3a2cc76585');
INSERT INTO "events" VALUES(20,'2026-11-21T10:22:26.510Z',NULL,'turned_away','U03CAROL','{"attempt":"100 usdt htx:linear-swap -&gt; htx:spot","channel":"C01TREASURY","team":"T01DESK","why":"No rule lets you move USDT from `htx:linear-swap` to `htx:spot`. The nearest rule, collateral, does not name you."}','3a90feda6bfcb6848f9250ba85bf14f56ef1dd2f91cf0214ad15de3a2cc76585','280e1094b7bd3de520666a140e11a101f46c9c507fc1e2ffa831e9b3a9a3cf51');
INSERT INTO "events" VALUES(21,'2026-11-21T10:22:26.910Z',4,'approved','U01ALICE','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":null,"reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","version":1}','280e1094b7bd3de520666a140e11a101f46c9c507fc1e2ffa831e9b3a9a3cf51','3c082e9aff01f2c35ca0c07e5112987436c65f12c4bf9ef637ca22ac66cfd38e');
INSERT INTO "events" VALUES(22,'2026-11-21T10:22:26.910Z',4,'cancelled','U01ALICE','{"amount":"100","before":"approved","currency":"USDT","margin_account":"BTC-USDT","outcome":"Cancelled by the requester. Nothing was sent.","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","version":1}','3c082e9aff01f2c35ca0c07e5112987436c65f12c4bf9ef637ca22ac66cfd38e','13593922c1f11d436dbc0a510477818d1bc92e898f50cd4919228286c083baa2');
INSERT INTO "events" VALUES(23,'2026-11-21T10:22:26.910Z',NULL,'started','desk','{"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","version":"simulated"}','13593922c1f11d436dbc0a510477818d1bc92e898f50cd4919228286c083baa2','35f54cf88d27c5a70098f20046732c5d56095e9b1554724514b69b3d617cec84');
INSERT INTO "events" VALUES(24,'2026-11-21T10:22:28.610Z',1,'looked','desk','{"digest":"00000000","lines":[],"trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:22 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance is unchanged since before the request: 4,000.00 USDT."]}','35f54cf88d27c5a70098f20046732c5d56095e9b1554724514b69b3d617cec84','23a149b805401cf23cf777704a47f59dfdd396216cafcdf34f84495f3e52a206');
INSERT INTO "events" VALUES(25,'2026-11-21T10:22:29.920Z',2,'sending','desk','{"amount":"100","before":"approved","connection":"0a239ca5d105","currency":"USDT","evidence":{"read_at":"2026-11-21T10:22:29.920Z","spot.available":"4000","spot.seq-num":"0"},"lines":[],"margin_account":"BTC-USDT","outcome":null,"policy":"b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","user":"40001234","version":1}','23a149b805401cf23cf777704a47f59dfdd396216cafcdf34f84495f3e52a206','34295993885321f544b3f9e3170404a2de487e0e0d827baba586f3d43d977659');
INSERT INTO "events" VALUES(26,'2026-11-21T10:22:30.120Z',2,'succeeded','desk','{"amount":"100","before":"sending","currency":"USDT","margin_account":"BTC-USDT","outcome":"The exchange''s reference is 176104253.","reference":"176104253","requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8b7c0b1f","version":1}','34295993885321f544b3f9e3170404a2de487e0e0d827baba586f3d43d977659','7fbc8447d7c271f36338b8534096e41c5c4152f9c820377ae1a3c042e748f97b');
INSERT INTO "events" VALUES(27,'2026-11-21T10:22:39.010Z',1,'looked','desk','{"digest":"3fbd651e","lines":[],"trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:22 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance went from 4,000.00 to 3,900.00 USDT, which is not this transfer alone."]}','7fbc8447d7c271f36338b8534096e41c5c4152f9c820377ae1a3c042e748f97b','52e909c9465710a3df88fd12e5e992617967e2ba32a1e8253d0f96dc8d3a3816');
INSERT INTO "events" VALUES(28,'2026-11-21T10:23:09.410Z',1,'looked','desk','{"digest":"3fbd651e","lines":[],"trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:23 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance went from 4,000.00 to 3,900.00 USDT, which is not this transfer alone."]}','52e909c9465710a3df88fd12e5e992617967e2ba32a1e8253d0f96dc8d3a3816','0364e7fe989323169400e1d1a0326acf40aeda61a9d097c57e016f1c6e043bc3');
INSERT INTO "events" VALUES(29,'2026-11-21T10:23:28.620Z',NULL,'turned_away','U03CAROL','{"attempt":"settle T1 version 1 as not_executed","channel":"C01TREASURY","team":"T01DESK","why":"The exchange could still carry out T1. It can be settled as not executed in about 5 minutes; please look at the exchange again then."}','0364e7fe989323169400e1d1a0326acf40aeda61a9d097c57e016f1c6e043bc3','88e264b161b292b2cf233fa953cffbf379d02a96f864e11fa8645fc61de22772');
INSERT INTO "events" VALUES(30,'2026-11-21T10:23:28.620Z',NULL,'turned_away','U04DAN','{"attempt":"settle T1 version 1 as not_executed","channel":"C01TREASURY","team":"T01DESK","why":"The exchange could still carry out T1. It can be settled as not executed in about 5 minutes; please look at the exchange again then."}','88e264b161b292b2cf233fa953cffbf379d02a96f864e11fa8645fc61de22772','f5c0ee606a2cb6c571e5541944c7cc19f6f6bfd07d4a1576dc7af7592f630f85');
INSERT INTO "events" VALUES(31,'2026-11-21T10:23:28.620Z',NULL,'turned_away','U05ERIN','{"attempt":"settle T1 version 1 as not_executed","channel":"C01TREASURY","team":"T01DESK","why":"The exchange could still carry out T1. It can be settled as not executed in about 5 minutes; please look at the exchange again then."}','f5c0ee606a2cb6c571e5541944c7cc19f6f6bfd07d4a1576dc7af7592f630f85','cfc5f6193b559e70579dbf7675da486828ca6be445f084670d48bd7208356c4a');
INSERT INTO "events" VALUES(32,'2026-11-21T10:24:24.810Z',1,'looked','desk','{"digest":"3fbd651e","lines":[],"trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:24 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance went from 4,000.00 to 3,900.00 USDT, which is not this transfer alone."]}','cfc5f6193b559e70579dbf7675da486828ca6be445f084670d48bd7208356c4a','53b4019c314abe464c7fef61de4eb90a44c05e380d187d7ae2778402375aa38e');
INSERT INTO "events" VALUES(33,'2026-11-21T10:26:48.630Z',NULL,'turned_away','U03CAROL','{"attempt":"settle T1 version 1 as not_executed","channel":"C01TREASURY","team":"T01DESK","why":"The exchange could still carry out T1. It can be settled as not executed in about 2 minutes; please look at the exchange again then."}','53b4019c314abe464c7fef61de4eb90a44c05e380d187d7ae2778402375aa38e','e851e28bbaccc35ef78df6f4c1d87283273936222536dbfaaec4ad5d03a0cff3');
INSERT INTO "events" VALUES(34,'2026-11-21T10:26:48.630Z',NULL,'turned_away','U04DAN','{"attempt":"settle T1 version 1 as not_executed","channel":"C01TREASURY","team":"T01DESK","why":"The exchange could still carry out T1. It can be settled as not executed in about 2 minutes; please look at the exchange again then."}','e851e28bbaccc35ef78df6f4c1d87283273936222536dbfaaec4ad5d03a0cff3','d0e80044d78fa4f7ff2a81792289f54b62d7a02a692aae7881677e95d6df009b');
INSERT INTO "events" VALUES(35,'2026-11-21T10:26:48.630Z',NULL,'turned_away','U05ERIN','{"attempt":"settle T1 version 1 as not_executed","channel":"C01TREASURY","team":"T01DESK","why":"The exchange could still carry out T1. It can be settled as not executed in about 2 minutes; please look at the exchange again then."}','d0e80044d78fa4f7ff2a81792289f54b62d7a02a692aae7881677e95d6df009b','419ee8af7fb568be7411699416fb647010744da31af0b9e0b0e81e208e4f9000');
INSERT INTO "events" VALUES(36,'2026-11-21T10:27:25.210Z',1,'looked','desk','{"digest":"3fbd651e","lines":[],"trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:27 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance went from 4,000.00 to 3,900.00 USDT, which is not this transfer alone."]}','419ee8af7fb568be7411699416fb647010744da31af0b9e0b0e81e208e4f9000','f9e0e7eda897a4565f3b830e0cccdb03c598cd4224b5c4e370af404c2646e0c2');
INSERT INTO "events" VALUES(37,'2026-11-21T10:30:08.740Z',1,'resolve_vote','U03CAROL','{"amount":"100","currency":"USDT","decision":"not_executed","evidence":"3fbd651e","margin_account":"USDT","missing":1,"outcome":"The connection broke before a complete answer.","reason":"looked at the exchange''s own records","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','f9e0e7eda897a4565f3b830e0cccdb03c598cd4224b5c4e370af404c2646e0c2','5799f6eddceacce900e74bf7e152f98241a1cd1233ca874cb4ed8efd35cf23ee');
INSERT INTO "events" VALUES(38,'2026-11-21T10:30:08.940Z',1,'resolve_vote','U04DAN','{"amount":"100","currency":"USDT","decision":"not_executed","evidence":"3fbd651e","margin_account":"USDT","missing":0,"outcome":"The connection broke before a complete answer.","reason":"looked at the exchange''s own records","reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","version":1}','5799f6eddceacce900e74bf7e152f98241a1cd1233ca874cb4ed8efd35cf23ee','b4afad6cbb42b35805f65efc3341fca98ae61c4604a010e2f11065f282dd9efc');
INSERT INTO "events" VALUES(39,'2026-11-21T10:30:08.940Z',1,'not_executed','U04DAN','{"amount":"100","before":"unknown","currency":"USDT","margin_account":"USDT","outcome":"Settled by hand as not executed. carol: looked at the exchange''s own records; dan: looked at the exchange''s own records","reasons":{"U03CAROL":"looked at the exchange''s own records","U04DAN":"looked at the exchange''s own records"},"reference":null,"requester":"U02BOB","route":"htx:linear-swap -> htx:spot","rule":"collateral","seal":"dbddc42e","settled_by":["U03CAROL","U04DAN"],"version":1}','b4afad6cbb42b35805f65efc3341fca98ae61c4604a010e2f11065f282dd9efc','b2b771cdd4faded688c81e7e20e97574974585d0ecbeffd06381ced1e78997f4');
INSERT INTO "events" VALUES(40,'2026-11-21T10:31:09.350Z',1,'looked','desk','{"digest":"3fbd651e","lines":[],"trace":"absent","why":"The records show no such transfer.","words":["HTX''s ledger shows no transfer of 100 USDT from linear-swap to spot between 10:12 and 10:31 UTC.","The account history shows no 100 USDT arriving on spot.","The futures side shows no 100 USDT leaving linear-swap.","The spot balance went from 4,000.00 to 3,900.00 USDT, which is not this transfer alone."]}','b2b771cdd4faded688c81e7e20e97574974585d0ecbeffd06381ced1e78997f4','3fe40e0796378864904a326a3ab4ada88e33617532ec7f299629988cfeac0d6a');
CREATE TABLE journal (uuid TEXT PRIMARY KEY, begun_at TEXT NOT NULL) STRICT;
INSERT INTO "journal" VALUES('fcf91f78890ef5bfd87e66d2363457ea','2026-11-21T20:40:45.202Z');
CREATE TABLE looks (transfer_id INTEGER PRIMARY KEY REFERENCES transfers(id), exchange TEXT NOT NULL, watched INTEGER NOT NULL, step INTEGER NOT NULL, due_at TEXT NOT NULL) STRICT;
INSERT INTO "looks" VALUES(1,'htx',1,1,'2026-11-21T10:40:09.350Z');
CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'thread', 'audit')),
        transfer_id INTEGER NOT NULL REFERENCES transfers(id),
        event_seq INTEGER REFERENCES events(seq),
        generation INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'parked')),
        due_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        problem TEXT,
        created_at TEXT NOT NULL
    , tried_at TEXT) STRICT
    ;
CREATE TABLE policies (
        hash TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "policies" VALUES('b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95','[slack]
team = "T01DESK"
channels = ["C01TREASURY"]
audit_channel = "C02AUDIT"

[exchanges.htx]
adapter = "htx"
url = "http://127.0.0.1:9"

[exchanges.coinw]
adapter = "coinw"
url = "http://127.0.0.1:9"
subaccounts = { maker = 39000001, arbitrage = 39000002 }
decimals = { USDT = 6 }

[people]
alice = "U01ALICE"
bob = "U02BOB"
carol = "U03CAROL"
dan = "U04DAN"
erin = "U05ERIN"

[groups]
traders = ["alice", "bob"]
treasurers = ["carol", "dan", "erin", "alice", "bob"]

[desk]
confirm_within = "10m"
send_within = "5m"
admins = ["treasurers"]
resolve_by = 2

[[rules]]
name = "collateral"
who = ["traders"]
from = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
to = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
currencies = ["USDT"]
per_transfer = "1000"

[[rules]]
name = "makers"
who = ["traders"]
from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
currencies = ["USDT"]
per_transfer = "1000"
','2026-11-21T10:15:00.000Z');
CREATE TABLE transfers (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        version INTEGER NOT NULL,
        state TEXT NOT NULL,
        exchange TEXT NOT NULL,
        source TEXT NOT NULL,
        destination TEXT NOT NULL,
        currency TEXT NOT NULL,
        amount TEXT NOT NULL,
        margin_account TEXT NOT NULL,
        connection TEXT NOT NULL,
        requester TEXT NOT NULL,
        team TEXT NOT NULL,
        channel TEXT NOT NULL,
        card_ts TEXT,
        rule TEXT NOT NULL,
        rule_hash TEXT NOT NULL,
        policy_hash TEXT NOT NULL REFERENCES policies(hash),
        seal TEXT NOT NULL,
        approvals_needed INTEGER NOT NULL,
        deadline TEXT,
        created_at TEXT NOT NULL,
        reserved_at TEXT,
        sent_at TEXT,
        settled_at TEXT,
        exchange_reference TEXT,
        outcome TEXT,
        follows INTEGER REFERENCES transfers(id),
        retry_of INTEGER REFERENCES transfers(id)
    ) STRICT
    ;
INSERT INTO "transfers" VALUES(1,1,'not_executed','htx','htx:linear-swap','htx:spot','USDT','100','USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256520.100000','collateral','b4f32d8a63e64239c9d821db3a3deb18ac84518137ed2b948b8dfedcaa333361','b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95','dbddc42e',0,NULL,'2026-11-21T10:22:00.000Z','2026-11-21T10:22:00.100Z','2026-11-21T10:22:20.800Z','2026-11-21T10:30:08.940Z',NULL,'Settled by hand as not executed. carol: looked at the exchange''s own records; dan: looked at the exchange''s own records',NULL,NULL);
INSERT INTO "transfers" VALUES(2,1,'succeeded','htx','htx:spot','htx:linear-swap/BTC-USDT','USDT','100','BTC-USDT','0a239ca5d105','U01ALICE','T01DESK','C01TREASURY','1795256520.300000','collateral','b4f32d8a63e64239c9d821db3a3deb18ac84518137ed2b948b8dfedcaa333361','b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95','8b7c0b1f',0,NULL,'2026-11-21T10:22:00.100Z','2026-11-21T10:22:25.510Z','2026-11-21T10:22:29.920Z','2026-11-21T10:22:30.120Z','176104253','The exchange''s reference is 176104253.',NULL,NULL);
INSERT INTO "transfers" VALUES(3,2,'cancelled','htx','htx:linear-swap','htx:spot','USDT','100','USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256520.400000','collateral','b4f32d8a63e64239c9d821db3a3deb18ac84518137ed2b948b8dfedcaa333361','b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95','75f3fd72',0,NULL,'2026-11-21T10:22:00.300Z',NULL,NULL,'2026-11-21T10:22:25.510Z',NULL,'Cancelled by the requester. Nothing was sent.',NULL,NULL);
INSERT INTO "transfers" VALUES(4,1,'cancelled','htx','htx:spot','htx:linear-swap/BTC-USDT','USDT','100','BTC-USDT','0a239ca5d105','U01ALICE','T01DESK','C01TREASURY','1795256546.910000','collateral','b4f32d8a63e64239c9d821db3a3deb18ac84518137ed2b948b8dfedcaa333361','b673b1141cc8e5d02b4d485b178a36d5345bded16ba77eecb49e48e3d1faae95','8b7c0b1f',0,NULL,'2026-11-21T10:22:25.510Z','2026-11-21T10:22:26.910Z',NULL,'2026-11-21T10:22:26.910Z',NULL,'Cancelled by the requester. Nothing was sent.',NULL,NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX transfers_by_state ON transfers(state, deadline);
CREATE INDEX events_by_transfer ON events(transfer_id, seq);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE UNIQUE INDEX outbox_one_card ON outbox(transfer_id) WHERE kind = 'card';
CREATE INDEX outbox_pending ON outbox(due_at, id) WHERE state = 'pending';
CREATE INDEX transfers_by_amount ON transfers(exchange, currency, amount, sent_at);
CREATE INDEX transfers_by_route ON transfers(exchange, source, destination, currency, amount, coalesce(settled_at, 'open'));
CREATE INDEX looks_due ON looks(exchange, watched, due_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('transfers',4);
INSERT INTO "sqlite_sequence" VALUES('outbox',36);
COMMIT;
