BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'transferdesk','first_tables','2026-11-21 20:42:45.933287+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'transferdesk','identity_and_tries','2026-11-21 20:42:45.936781+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'transferdesk','agreement','2026-11-21 20:42:45.942811+00:00');
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
INSERT INTO "approvals" VALUES(1,1,'U03CAROL','approved','a9ba26a7','2026-11-21T10:15:05.500Z');
INSERT INTO "approvals" VALUES(1,1,'U04DAN','approved','a9ba26a7','2026-11-21T10:15:05.700Z');
INSERT INTO "approvals" VALUES(3,1,'U04DAN','approved','a9ba26a7','2026-11-21T10:15:26.800Z');
INSERT INTO "approvals" VALUES(3,1,'U03CAROL','approved','a9ba26a7','2026-11-21T10:15:28.100Z');
INSERT INTO "approvals" VALUES(4,1,'U04DAN','approved','a9ba26a7','2026-11-21T10:15:29.700Z');
INSERT INTO "approvals" VALUES(4,1,'U03CAROL','approved','a9ba26a7','2026-11-21T10:15:29.700Z');
CREATE TABLE codes (person TEXT NOT NULL, step INTEGER, at TEXT NOT NULL) STRICT;
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
INSERT INTO "events" VALUES(1,'2026-11-21T10:15:00.000Z',NULL,'started','desk','{"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","version":"simulated"}','0000000000000000000000000000000000000000000000000000000000000000','a49fe65cf8c37d1a0fef45ed89c97250c2c420ae5e7d3d49ee1c42f9aa2a9c1f');
INSERT INTO "events" VALUES(2,'2026-11-21T10:15:05.000Z',NULL,'started','desk','{"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","version":"simulated"}','a49fe65cf8c37d1a0fef45ed89c97250c2c420ae5e7d3d49ee1c42f9aa2a9c1f','3327cf3758d5837d4bd66f1512bd0221f740efe5058ab8b823f7a1887a6630be');
INSERT INTO "events" VALUES(3,'2026-11-21T10:15:05.000Z',1,'proposed','U02BOB','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","currency":"USDT","equal":[],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","tier":"2 of approvers","version":1}','3327cf3758d5837d4bd66f1512bd0221f740efe5058ab8b823f7a1887a6630be','34a02d7e0366a2643e627a1e87e5461d21b463f6e69fae92d3138620e2bd4e44');
INSERT INTO "events" VALUES(4,'2026-11-21T10:15:05.300Z',1,'awaiting_approval','U02BOB','{"amount":"100","approvers":["U01ALICE","U03CAROL","U04DAN"],"asks":"2 of approvers","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','34a02d7e0366a2643e627a1e87e5461d21b463f6e69fae92d3138620e2bd4e44','78890612a4093fba5a21cb6031296ea6feae01b28c531565292cdf5182fe1485');
INSERT INTO "events" VALUES(5,'2026-11-21T10:15:05.500Z',NULL,'turned_away','U02BOB','{"attempt":"approve T1 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You asked for T1, so others must approve it; you can cancel it."}','78890612a4093fba5a21cb6031296ea6feae01b28c531565292cdf5182fe1485','83d60750d6478f4151df4bbc928c7ddaddbc4f7ae7ecd65459a8a12a43c0965f');
INSERT INTO "events" VALUES(6,'2026-11-21T10:15:05.500Z',NULL,'turned_away','U05ERIN','{"attempt":"approve T1 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only 2 of approvers can approve T1."}','83d60750d6478f4151df4bbc928c7ddaddbc4f7ae7ecd65459a8a12a43c0965f','adb1b7751a3967cd1cb34f0f8583227f1bebb20c0ca901bd3a64d46821fa4906');
INSERT INTO "events" VALUES(7,'2026-11-21T10:15:05.500Z',1,'approve_vote','U03CAROL','{"amount":"100","currency":"USDT","decision":"approved","margin_account":"USDT","missing":1,"outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","second_factor":false,"version":1}','adb1b7751a3967cd1cb34f0f8583227f1bebb20c0ca901bd3a64d46821fa4906','53165dd6ad1ca2cf2cc78599cf80d882c127c6f981a3f4d13682756b143331fd');
INSERT INTO "events" VALUES(8,'2026-11-21T10:15:05.700Z',NULL,'turned_away','U05ERIN','{"attempt":"approve T1 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only 2 of approvers can approve T1."}','53165dd6ad1ca2cf2cc78599cf80d882c127c6f981a3f4d13682756b143331fd','e8f266a802c3c85d3e2bdaa3a3cafdf6c9319c7e90843e717fce69ec7b9d69d0');
INSERT INTO "events" VALUES(9,'2026-11-21T10:15:05.700Z',NULL,'turned_away','U03CAROL','{"attempt":"approve T1 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You have approved T1 already; each person counts once."}','e8f266a802c3c85d3e2bdaa3a3cafdf6c9319c7e90843e717fce69ec7b9d69d0','457f1c8b01a0474347aa1b423538d372977d324cafd6aed0d27ee512eb721851');
INSERT INTO "events" VALUES(10,'2026-11-21T10:15:05.700Z',1,'approve_vote','U04DAN','{"amount":"100","currency":"USDT","decision":"approved","margin_account":"USDT","missing":0,"outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","second_factor":false,"version":1}','457f1c8b01a0474347aa1b423538d372977d324cafd6aed0d27ee512eb721851','96cf5f4686d0090642f30fcac7c8317ac6f66c253e1f8de6dfe5cef2c99ad3d4');
INSERT INTO "events" VALUES(11,'2026-11-21T10:15:05.700Z',1,'approved','U04DAN','{"amount":"100","approvers":["U03CAROL","U04DAN"],"before":"awaiting_approval","currency":"USDT","margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','96cf5f4686d0090642f30fcac7c8317ac6f66c253e1f8de6dfe5cef2c99ad3d4','98182ef1da9aa94aa8533862f0e8a759ded5c1d2179a5cb9114975dc9b219b89');
INSERT INTO "events" VALUES(12,'2026-11-21T10:15:05.700Z',NULL,'turned_away','U02BOB','{"attempt":"approve T1 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"T1 is already confirmed and about to be sent."}','98182ef1da9aa94aa8533862f0e8a759ded5c1d2179a5cb9114975dc9b219b89','1854b37736cb388c9ea29e4cab889d521eec0cfe338d4ba9f6b6c09ad84c4861');
INSERT INTO "events" VALUES(13,'2026-11-21T10:15:05.700Z',NULL,'started','desk','{"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","version":"simulated"}','1854b37736cb388c9ea29e4cab889d521eec0cfe338d4ba9f6b6c09ad84c4861','7a4b6f9039fafbeb3215747d76d23308c1864ab10130c975170c5825be29b039');
INSERT INTO "events" VALUES(14,'2026-11-21T10:15:05.700Z',1,'held','desk','{"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","why":"It waits until Slack has confirmed that all is still well with dan."}','7a4b6f9039fafbeb3215747d76d23308c1864ab10130c975170c5825be29b039','f04c06708fb09f0c866eaf71865b31cc122591af21b6abbacefa24a91a42bc6a');
INSERT INTO "events" VALUES(15,'2026-11-21T10:15:05.700Z',2,'proposed','U01ALICE','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","currency":"USDT","equal":[],"margin_account":"BTC-USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"c2e01d69","tier":"2 of approvers","version":1}','f04c06708fb09f0c866eaf71865b31cc122591af21b6abbacefa24a91a42bc6a','415a93cecaa9626f1ac7775b36c18670297923db6e3875abeb224ee23d7a7895');
INSERT INTO "events" VALUES(16,'2026-11-21T10:15:06.100Z',2,'awaiting_approval','U01ALICE','{"amount":"100","approvers":["U02BOB","U03CAROL","U04DAN"],"asks":"2 of approvers","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"c2e01d69","version":1}','415a93cecaa9626f1ac7775b36c18670297923db6e3875abeb224ee23d7a7895','bc8a9bf8d97fdd5f64cd8e3d3e1f4e772a8aa5e527c5cc7da930e2afc0d3c9c1');
INSERT INTO "events" VALUES(17,'2026-11-21T10:15:26.100Z',1,'cancelled','U02BOB','{"amount":"100","before":"approved","currency":"USDT","margin_account":"USDT","outcome":"Cancelled by the requester. Nothing was sent.","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','bc8a9bf8d97fdd5f64cd8e3d3e1f4e772a8aa5e527c5cc7da930e2afc0d3c9c1','bc75cce8a0a9b74e62e21f4caa06d03b7e38ce35d99f66bac059e701bad8e2ec');
INSERT INTO "events" VALUES(18,'2026-11-21T10:15:26.100Z',3,'proposed','U02BOB','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","currency":"USDT","equal":["T1 cancelled"],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","tier":"2 of approvers","version":1}','bc75cce8a0a9b74e62e21f4caa06d03b7e38ce35d99f66bac059e701bad8e2ec','f084232bec5d4e03e868f34a09e7675f34266aad35310574e359d05c3a78790b');
INSERT INTO "events" VALUES(19,'2026-11-21T10:15:26.600Z',3,'awaiting_approval','U02BOB','{"amount":"100","approvers":["U01ALICE","U03CAROL","U04DAN"],"asks":"2 of approvers","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','f084232bec5d4e03e868f34a09e7675f34266aad35310574e359d05c3a78790b','6d3caf44bd6b5900e167b76f72fd9e28ee55d86e79cdba1aa1d10b617b0f9920');
INSERT INTO "events" VALUES(20,'2026-11-21T10:15:26.800Z',3,'approve_vote','U04DAN','{"amount":"100","currency":"USDT","decision":"approved","margin_account":"USDT","missing":1,"outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","second_factor":false,"version":1}','6d3caf44bd6b5900e167b76f72fd9e28ee55d86e79cdba1aa1d10b617b0f9920','ca41da15938c7619aac75ed82bbac9ef95e9676feb1fe1b36ad5e962c1f4a908');
INSERT INTO "events" VALUES(21,'2026-11-21T10:15:28.100Z',NULL,'turned_away','U03CAROL','{"attempt":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","intent":{"amount":"100","currency":"USDT","reason":"","route":"htx:spot -> htx:linear-swap"},"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"No rule lets you move USDT from `htx:spot` to `htx:linear-swap`. The nearest rule, collateral, does not name you."}','ca41da15938c7619aac75ed82bbac9ef95e9676feb1fe1b36ad5e962c1f4a908','bd2a2bf7e49e54da2f6e369098ecfece0caf9b10bcfc29e68c9c5bebe0e61fad');
INSERT INTO "events" VALUES(22,'2026-11-21T10:15:28.100Z',NULL,'turned_away','U05ERIN','{"attempt":"approve T3 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only 2 of approvers can approve T3."}','bd2a2bf7e49e54da2f6e369098ecfece0caf9b10bcfc29e68c9c5bebe0e61fad','5857cbff15d8017c75a5a148997f5fd1df127799baa18950b39667aa2f97ac7c');
INSERT INTO "events" VALUES(23,'2026-11-21T10:15:28.100Z',NULL,'tries','U05ERIN','{"attempt":"approve T3 version 1","count":3,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only 2 of approvers can approve T3."}','5857cbff15d8017c75a5a148997f5fd1df127799baa18950b39667aa2f97ac7c','d6668159283ddf2d2d489cb6f1158cf8fa36ddfd78ece87c7aad89fed0cfe011');
INSERT INTO "events" VALUES(24,'2026-11-21T10:15:28.100Z',3,'approve_vote','U03CAROL','{"amount":"100","currency":"USDT","decision":"approved","margin_account":"USDT","missing":0,"outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","second_factor":false,"version":1}','d6668159283ddf2d2d489cb6f1158cf8fa36ddfd78ece87c7aad89fed0cfe011','220f421f3763f2321152b3086881eb0a85b14dc0c2f1d18ede5d9b28dccfa495');
INSERT INTO "events" VALUES(25,'2026-11-21T10:15:28.100Z',3,'approved','U03CAROL','{"amount":"100","approvers":["U04DAN","U03CAROL"],"before":"awaiting_approval","currency":"USDT","margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','220f421f3763f2321152b3086881eb0a85b14dc0c2f1d18ede5d9b28dccfa495','8c0110255a7c53233fc53ae6e17d1db1cfdcc79219b4239e2f8c35895b1e2ee0');
INSERT INTO "events" VALUES(26,'2026-11-21T10:15:28.100Z',NULL,'turned_away','U04DAN','{"attempt":"approve T3 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"T3 is already confirmed and about to be sent."}','8c0110255a7c53233fc53ae6e17d1db1cfdcc79219b4239e2f8c35895b1e2ee0','79d7a48f367e80371436979d99d975818ea460948b7fb53756bc78e884cc59b8');
INSERT INTO "events" VALUES(27,'2026-11-21T10:15:28.100Z',4,'proposed','U02BOB','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","currency":"USDT","equal":["T3 approved","T1 cancelled"],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","tier":"2 of approvers","version":1}','79d7a48f367e80371436979d99d975818ea460948b7fb53756bc78e884cc59b8','22b4ab099d253377eacce02a278e6605dc3d38148b7a12ecd1240a40145934b4');
INSERT INTO "events" VALUES(28,'2026-11-21T10:15:28.300Z',4,'awaiting_approval','U02BOB','{"amount":"100","approvers":["U01ALICE","U03CAROL","U04DAN"],"asks":"2 of approvers","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','22b4ab099d253377eacce02a278e6605dc3d38148b7a12ecd1240a40145934b4','d39eff66076bdee6a270187610f0c121342bf69b8a3d0097dfd09169191f4f6b');
INSERT INTO "events" VALUES(29,'2026-11-21T10:15:28.300Z',5,'proposed','U01ALICE','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","currency":"USDT","equal":["T4 awaiting_approval","T3 approved","T1 cancelled"],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"1a56d554","tier":"2 of approvers","version":1}','d39eff66076bdee6a270187610f0c121342bf69b8a3d0097dfd09169191f4f6b','ca3666b6ff9fcff21c2af2b3a881342a653bd1b23743c3b8f11b1aa17bd61b9b');
INSERT INTO "events" VALUES(30,'2026-11-21T10:15:28.500Z',6,'proposed','U02BOB','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","currency":"USDT","equal":["T5 proposed","T4 awaiting_approval","T3 approved","T1 cancelled"],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","tier":"2 of approvers","version":1}','ca3666b6ff9fcff21c2af2b3a881342a653bd1b23743c3b8f11b1aa17bd61b9b','1e05d701b7a27e008829921dcff6f84ad14be586b0010b89d6935ec476b07e5f');
INSERT INTO "events" VALUES(31,'2026-11-21T10:15:28.500Z',NULL,'turned_away','U02BOB','{"attempt":"approve T4 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You asked for T4, so others must approve it; you can cancel it."}','1e05d701b7a27e008829921dcff6f84ad14be586b0010b89d6935ec476b07e5f','d890a8adb766fec3c5a0c120d622743ed9ddb8d7e0521aa2d4c9b8823d5959a3');
INSERT INTO "events" VALUES(32,'2026-11-21T10:15:28.500Z',NULL,'tries','U02BOB','{"attempt":"approve T4 version 1","count":3,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You asked for T4, so others must approve it; you can cancel it."}','d890a8adb766fec3c5a0c120d622743ed9ddb8d7e0521aa2d4c9b8823d5959a3','6df0603b760963d15f62499ed9989a5705f3957cafe97c7ea3b0048c65bbf72a');
INSERT INTO "events" VALUES(33,'2026-11-21T10:15:28.500Z',NULL,'turned_away','U05ERIN','{"attempt":"approve T4 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only 2 of approvers can approve T4."}','6df0603b760963d15f62499ed9989a5705f3957cafe97c7ea3b0048c65bbf72a','ce1a05b700f379a030fee1cd6d1a412876d41520fb0d660e3d1a89bceb7070b4');
INSERT INTO "events" VALUES(34,'2026-11-21T10:15:28.500Z',NULL,'started','desk','{"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","version":"simulated"}','ce1a05b700f379a030fee1cd6d1a412876d41520fb0d660e3d1a89bceb7070b4','efa10f2cc89ecb7262f3d73657aa85a6742b2634699e2fea8bb5cc37a7c93bac');
INSERT INTO "events" VALUES(35,'2026-11-21T10:15:28.900Z',3,'sending','desk','{"amount":"100","before":"approved","connection":"0a239ca5d105","currency":"USDT","evidence":{"read_at":"2026-11-21T10:15:28.900Z","skew_s":"0.0","spot.available":"4000","spot.seq-num":"0"},"lines":[],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","user":"40001234","version":1}','efa10f2cc89ecb7262f3d73657aa85a6742b2634699e2fea8bb5cc37a7c93bac','eef8548c736232840d7c07c1f2107b07ef3b465650a3b185767c51af0519b838');
INSERT INTO "events" VALUES(36,'2026-11-21T10:15:29.100Z',3,'succeeded','desk','{"amount":"100","before":"sending","currency":"USDT","margin_account":"USDT","outcome":"The exchange''s reference is 176104253.","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":"176104253","requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','eef8548c736232840d7c07c1f2107b07ef3b465650a3b185767c51af0519b838','3880aa355164ed51274c9f68cd8fdc082e4c40359a87fffcf46c3944740e4b10');
INSERT INTO "events" VALUES(37,'2026-11-21T10:15:29.100Z',7,'proposed','U02BOB','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","currency":"USDT","equal":["T2 awaiting_approval"],"margin_account":"BTC-USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"fcb887bc","tier":"2 of approvers","version":1}','3880aa355164ed51274c9f68cd8fdc082e4c40359a87fffcf46c3944740e4b10','bf9056611b4c5db559bf11d686c0662c1b945fce5bf51b3fa36241b940a5b7d7');
INSERT INTO "events" VALUES(38,'2026-11-21T10:15:29.700Z',NULL,'turned_away','U02BOB','{"attempt":"approve T4 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You asked for T4, so others must approve it; you can cancel it."}','bf9056611b4c5db559bf11d686c0662c1b945fce5bf51b3fa36241b940a5b7d7','8622b0070d169c1480f192a5b92cf64020079a70f49401b4778bf55e566f0388');
INSERT INTO "events" VALUES(39,'2026-11-21T10:15:29.700Z',4,'approve_vote','U04DAN','{"amount":"100","currency":"USDT","decision":"approved","margin_account":"USDT","missing":1,"outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","second_factor":false,"version":1}','8622b0070d169c1480f192a5b92cf64020079a70f49401b4778bf55e566f0388','f50e09d3fa318751692eaec1df0b9da0cd2852cb609b1fdf7fb728407f5e521b');
INSERT INTO "events" VALUES(40,'2026-11-21T10:15:29.700Z',NULL,'turned_away','U05ERIN','{"attempt":"approve T4 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only 2 of approvers can approve T4."}','f50e09d3fa318751692eaec1df0b9da0cd2852cb609b1fdf7fb728407f5e521b','c2ed1e18ea067f7cc27bbc0457a59aef0d695a1f24090410190a52228c199e54');
INSERT INTO "events" VALUES(41,'2026-11-21T10:15:29.700Z',4,'approve_vote','U03CAROL','{"amount":"100","currency":"USDT","decision":"approved","margin_account":"USDT","missing":0,"outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","second_factor":false,"version":1}','c2ed1e18ea067f7cc27bbc0457a59aef0d695a1f24090410190a52228c199e54','cde9fa2fbb57cab10483f3279d41e334bb5d1c40848b1d79861ed60511259761');
INSERT INTO "events" VALUES(42,'2026-11-21T10:15:29.700Z',4,'approved','U03CAROL','{"amount":"100","approvers":["U03CAROL","U04DAN"],"before":"awaiting_approval","currency":"USDT","margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','cde9fa2fbb57cab10483f3279d41e334bb5d1c40848b1d79861ed60511259761','597a16c02179bb079cc3eb89ddd83174baf2a136525f797647021f28a39ea533');
INSERT INTO "events" VALUES(43,'2026-11-21T10:15:31.000Z',4,'sending','desk','{"amount":"100","before":"approved","connection":"0a239ca5d105","currency":"USDT","evidence":{"read_at":"2026-11-21T10:15:31.000Z","skew_s":"0.0","spot.available":"3800","spot.seq-num":"2"},"lines":["1795256128900:spot-to-linear-swap:100:1","1795256129100:spot-to-linear-swap:100:1"],"margin_account":"USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","user":"40001234","version":1}','597a16c02179bb079cc3eb89ddd83174baf2a136525f797647021f28a39ea533','e46f2a38a7d485e958af8ac2e98eb8c98ab30d44ca66d5294484041f01c09130');
INSERT INTO "events" VALUES(44,'2026-11-21T10:15:31.200Z',4,'unknown','desk','{"amount":"100","before":"sending","currency":"USDT","margin_account":"USDT","outcome":"The connection broke before a complete answer.","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','e46f2a38a7d485e958af8ac2e98eb8c98ab30d44ca66d5294484041f01c09130','4f0e063aa8591974fb475a52372f5b75a08fa232d1546883b3b27a09c4fbe971');
INSERT INTO "events" VALUES(45,'2026-11-21T10:15:33.000Z',NULL,'turned_away','U03CAROL','{"attempt":"settle T4 version 1 as not_executed","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"The exchange could still carry out T4. It can be settled as not executed in about 6 minutes; please look at the exchange again then."}','4f0e063aa8591974fb475a52372f5b75a08fa232d1546883b3b27a09c4fbe971','9fd0e05f156cd09cffd1bf61140edccffe4ff6ccdc7f99fc5c6c07bce76d71f2');
INSERT INTO "events" VALUES(46,'2026-11-21T10:15:33.000Z',NULL,'tries','U03CAROL','{"attempt":"settle T4 version 1 as not_executed","count":3,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"The exchange could still carry out T4. It can be settled as not executed in about 6 minutes; please look at the exchange again then."}','9fd0e05f156cd09cffd1bf61140edccffe4ff6ccdc7f99fc5c6c07bce76d71f2','9e5cd66030a84b84b1c8dc9bff3385ad2baecb566c881212ebe12b4abc4c03f6');
INSERT INTO "events" VALUES(47,'2026-11-21T10:15:33.000Z',NULL,'turned_away','U01ALICE','{"attempt":"cancel T6 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"Only bob, who asked for T6, can do that."}','9e5cd66030a84b84b1c8dc9bff3385ad2baecb566c881212ebe12b4abc4c03f6','cae3e835acded5f7f6244c9da46321656fb02814634cd6dc762bcd2db8dc1b7b');
INSERT INTO "events" VALUES(48,'2026-11-21T10:16:03.100Z',NULL,'turned_away','U03CAROL','{"attempt":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","intent":{"amount":"100","currency":"USDT","reason":"","route":"htx:spot -> htx:linear-swap"},"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"No rule lets you move USDT from `htx:spot` to `htx:linear-swap`. The nearest rule, collateral, does not name you."}','cae3e835acded5f7f6244c9da46321656fb02814634cd6dc762bcd2db8dc1b7b','2c369c46b425edf927cec13691e4f8e634577ab5ca45261307d8906f8f8abb91');
INSERT INTO "events" VALUES(49,'2026-11-21T10:16:03.100Z',NULL,'turned_away','U06MALLORY','{"attempt":"/transfer 100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You are not on this desk''s allowlist. Whoever keeps the desk''s configuration can add you."}','2c369c46b425edf927cec13691e4f8e634577ab5ca45261307d8906f8f8abb91','22131cd5a55240530e7c0b7ccb70aa27757b8db4fdb8d4ae8f4e49ce9147fa16');
INSERT INTO "events" VALUES(50,'2026-11-21T10:17:33.100Z',8,'proposed','U02BOB','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","currency":"USDT","equal":["T7 proposed","T2 awaiting_approval"],"margin_account":"BTC-USDT","outcome":null,"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"fcb887bc","tier":"2 of approvers","version":1}','22131cd5a55240530e7c0b7ccb70aa27757b8db4fdb8d4ae8f4e49ce9147fa16','07b8cb59f70c0176169ddbe616a26e0726fd630ef5ba7c679997faf1b768d6f6');
INSERT INTO "events" VALUES(51,'2026-11-21T10:17:33.700Z',NULL,'turned_away','U02BOB','{"attempt":"confirm T8 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"The card of T8 is just being posted; please try again in a moment."}','07b8cb59f70c0176169ddbe616a26e0726fd630ef5ba7c679997faf1b768d6f6','7c5cdf68105a96bbe865bee6ce55a92122dd7ff327b8b8a1e8cbaf775157c961');
INSERT INTO "events" VALUES(52,'2026-11-21T10:17:33.700Z',NULL,'started','desk','{"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","version":"simulated"}','7c5cdf68105a96bbe865bee6ce55a92122dd7ff327b8b8a1e8cbaf775157c961','a069a42103b5d6cec4bbaccbece4ae908809375ab8a8d2c79034a4efc945765d');
INSERT INTO "events" VALUES(53,'2026-11-21T10:17:33.700Z',NULL,'turned_away','U01ALICE','{"attempt":"approve T2 version 1","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"You asked for T2, so others must approve it; you can cancel it."}','a069a42103b5d6cec4bbaccbece4ae908809375ab8a8d2c79034a4efc945765d','0a67422de7754b08a819ef11874f2f5bb61d64599dc114249140b4842f07b801');
INSERT INTO "events" VALUES(54,'2026-11-21T10:17:34.200Z',4,'looked','desk','{"digest":"00000000","lines":[],"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows 2 transfers of 100 USDT from spot to linear-swap: 10:15:28 UTC (before the request) and 10:15:29 UTC (before the request).","The spot balance is unchanged since before the request: 3,800.00 USDT.","The account history shows 100 USDT leaving spot at 10:15:28 UTC and 10:15:29 UTC.","The futures side shows 100 USDT arriving on linear-swap at 10:15:28 UTC and 10:15:29 UTC."]}','0a67422de7754b08a819ef11874f2f5bb61d64599dc114249140b4842f07b801','8dcad21a7794b06eb7d6b9bc9bf025a842e24e85e0a99fec11fa9b6ab7b03930');
INSERT INTO "events" VALUES(55,'2026-11-21T10:17:37.610Z',4,'looked','desk','{"digest":"00000000","lines":[],"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows 2 transfers of 100 USDT from spot to linear-swap: 10:15:28 UTC (before the request) and 10:15:29 UTC (before the request).","The spot balance is unchanged since before the request: 3,800.00 USDT.","The account history shows 100 USDT leaving spot at 10:15:28 UTC and 10:15:29 UTC.","The futures side shows 100 USDT arriving on linear-swap at 10:15:28 UTC and 10:15:29 UTC."]}','8dcad21a7794b06eb7d6b9bc9bf025a842e24e85e0a99fec11fa9b6ab7b03930','a7b9020f0b9eb3bd3ecbfe7c126748ed9119be7623de8e3ea7f9d00831ab5e46');
INSERT INTO "events" VALUES(56,'2026-11-21T10:17:48.010Z',4,'looked','desk','{"digest":"00000000","lines":[],"policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows 2 transfers of 100 USDT from spot to linear-swap: 10:15:28 UTC (before the request) and 10:15:29 UTC (before the request).","The spot balance is unchanged since before the request: 3,800.00 USDT.","The account history shows 100 USDT leaving spot at 10:15:28 UTC and 10:15:29 UTC.","The futures side shows 100 USDT arriving on linear-swap at 10:15:28 UTC and 10:15:29 UTC."]}','a7b9020f0b9eb3bd3ecbfe7c126748ed9119be7623de8e3ea7f9d00831ab5e46','732c667d461b7df2863bdcda99c6d5ec24279875d4afd6f88e5b1dae7248bf2b');
INSERT INTO "events" VALUES(57,'2026-11-21T10:18:04.210Z',NULL,'turned_away','U03CAROL','{"attempt":"settle T4 version 1 as not_executed","channel":"C01TREASURY","policy":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","team":"T01DESK","why":"The exchange could still carry out T4. It can be settled as not executed in about 4 minutes; please look at the exchange again then."}','732c667d461b7df2863bdcda99c6d5ec24279875d4afd6f88e5b1dae7248bf2b','659cc1e6f42d9fc26dfb77b45de2d17993009fc029faf807a1fc12deda7fd732');
INSERT INTO "events" VALUES(58,'2026-11-21T10:24:44.210Z',NULL,'policy_loaded','desk','{"before":"01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","rules":2}','659cc1e6f42d9fc26dfb77b45de2d17993009fc029faf807a1fc12deda7fd732','cb68e6bda7aa16c210ceae0325fe0b21da91b0bae8871dd06fa1c53fc4246099');
INSERT INTO "events" VALUES(59,'2026-11-21T10:24:44.210Z',2,'asked_again','desk','{"amount":"100","before":"awaiting_approval","currency":"USDT","margin_account":"BTC-USDT","outcome":"The rules or the exchange key changed after this card was drawn. Please look at it again and confirm if it is still wanted.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"b4ce2072","version":2}','cb68e6bda7aa16c210ceae0325fe0b21da91b0bae8871dd06fa1c53fc4246099','5947f65955106cc06d180736760ac8f5cb6639148f9bd9a4c2725ccf8ad43762');
INSERT INTO "events" VALUES(60,'2026-11-21T10:24:44.210Z',5,'asked_again','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":"The rules or the exchange key changed after this card was drawn. Please look at it again and confirm if it is still wanted.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"675fd79a","version":2}','5947f65955106cc06d180736760ac8f5cb6639148f9bd9a4c2725ccf8ad43762','ffe212388e7aa299b19c5e756ee2b2824c96e5a88db61fcf59ab5515681b83b8');
INSERT INTO "events" VALUES(61,'2026-11-21T10:24:44.210Z',6,'asked_again','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":"The rules or the exchange key changed after this card was drawn. Please look at it again and confirm if it is still wanted.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a662b9c5","version":2}','ffe212388e7aa299b19c5e756ee2b2824c96e5a88db61fcf59ab5515681b83b8','61ab92986e0532636cafdfb1683038a6f19aa3f8c1d55c2d694522f3ec404b30');
INSERT INTO "events" VALUES(62,'2026-11-21T10:24:44.210Z',7,'asked_again','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":"The rules or the exchange key changed after this card was drawn. Please look at it again and confirm if it is still wanted.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8af7baf6","version":2}','61ab92986e0532636cafdfb1683038a6f19aa3f8c1d55c2d694522f3ec404b30','fd49f063b9da61c09eb1a8c539c182e8e0430b9d57340daa1cf89a83870a04e7');
INSERT INTO "events" VALUES(63,'2026-11-21T10:24:44.210Z',8,'asked_again','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":"The rules or the exchange key changed after this card was drawn. Please look at it again and confirm if it is still wanted.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8af7baf6","version":2}','fd49f063b9da61c09eb1a8c539c182e8e0430b9d57340daa1cf89a83870a04e7','3d6e98ad59728b25dae32fbc277f1b686cef54cc1a8195962132a5b96fed0521');
INSERT INTO "events" VALUES(64,'2026-11-21T10:24:44.510Z',NULL,'started','desk','{"policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","version":"simulated"}','3d6e98ad59728b25dae32fbc277f1b686cef54cc1a8195962132a5b96fed0521','3e110e80d6da242853a5c80b76959a480e485873622eef060bcc557a4076c698');
INSERT INTO "events" VALUES(65,'2026-11-21T10:24:44.510Z',9,'proposed','U01ALICE','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap/BTC-USDT","channel":"C01TREASURY","currency":"USDT","equal":["T8 proposed","T7 proposed","T2 proposed"],"margin_account":"BTC-USDT","outcome":null,"policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"ed4ee4f5","tier":"2 of approvers","version":1}','3e110e80d6da242853a5c80b76959a480e485873622eef060bcc557a4076c698','58552a3575b06fb9a18bb1f134825634a7fe84f5c66240d22dd555f6893d3878');
INSERT INTO "events" VALUES(66,'2026-11-21T10:24:45.810Z',4,'looked','desk','{"digest":"00000000","lines":[],"policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","trace":"absent","why":"The records show no such transfer; they may lag.","words":["HTX''s ledger shows 2 transfers of 100 USDT from spot to linear-swap: 10:15:28 UTC (before the request) and 10:15:29 UTC (before the request).","The spot balance is unchanged since before the request: 3,800.00 USDT.","The account history shows 100 USDT leaving spot at 10:15:28 UTC and 10:15:29 UTC.","The futures side shows 100 USDT arriving on linear-swap at 10:15:28 UTC and 10:15:29 UTC."]}','58552a3575b06fb9a18bb1f134825634a7fe84f5c66240d22dd555f6893d3878','41b5dc42422a6818cd9cf9b5b7a25f9b46522af74f4ddac3f7ca3c0661617e39');
INSERT INTO "events" VALUES(67,'2026-11-21T10:24:47.110Z',10,'proposed','U01ALICE','{"amount":"100","approvals":2,"asked":"100 usdt htx:spot -&gt; htx:linear-swap","channel":"C01TREASURY","currency":"USDT","equal":["T6 proposed","T5 proposed","T4 unknown","T3 succeeded","T1 cancelled"],"margin_account":"USDT","outcome":null,"policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"4e065f60","tier":"2 of approvers","version":1}','41b5dc42422a6818cd9cf9b5b7a25f9b46522af74f4ddac3f7ca3c0661617e39','bfced88b8571c6795fcf384bc30291ac00b84d527fe0029dd09032def439cf37');
INSERT INTO "events" VALUES(68,'2026-11-21T10:25:54.220Z',4,'resolve_vote','U03CAROL','{"amount":"100","currency":"USDT","decision":"not_executed","evidence":"00000000","margin_account":"USDT","missing":1,"outcome":"The connection broke before a complete answer.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reason":"looked at the exchange''s own records","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','bfced88b8571c6795fcf384bc30291ac00b84d527fe0029dd09032def439cf37','fcb92d765c832a90ecd4448738c2cfce45617df7f6c09ce27b7f67ba74adef16');
INSERT INTO "events" VALUES(69,'2026-11-21T10:25:54.420Z',4,'resolve_vote','U04DAN','{"amount":"100","currency":"USDT","decision":"not_executed","evidence":"00000000","margin_account":"USDT","missing":0,"outcome":"The connection broke before a complete answer.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reason":"looked at the exchange''s own records","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","version":1}','fcb92d765c832a90ecd4448738c2cfce45617df7f6c09ce27b7f67ba74adef16','0d73ee5700e087f774e2f972973122c8f170e7f07d161d5e6d5205f52b8197cf');
INSERT INTO "events" VALUES(70,'2026-11-21T10:25:54.420Z',4,'not_executed','U04DAN','{"amount":"100","before":"unknown","currency":"USDT","margin_account":"USDT","outcome":"Settled by hand as not executed. carol: looked at the exchange''s own records; dan: looked at the exchange''s own records","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reasons":{"U03CAROL":"looked at the exchange''s own records","U04DAN":"looked at the exchange''s own records"},"reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a9ba26a7","settled_by":["U03CAROL","U04DAN"],"version":1}','0d73ee5700e087f774e2f972973122c8f170e7f07d161d5e6d5205f52b8197cf','78c13366aae3ef702f4a7ebd24b524cbdd4217d88e934238f61d0de22d2dc536');
INSERT INTO "events" VALUES(71,'2026-11-21T10:26:54.820Z',4,'looked','desk','{"digest":"3fbd651e","lines":[],"policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","trace":"absent","why":"The records show no such transfer.","words":["HTX''s ledger shows 3 transfers of 100 USDT from spot to linear-swap: 10:24:47 UTC, 10:15:28 UTC (before the request) and 10:15:29 UTC (before the request).","The spot balance went from 3,800.00 to 3,670.00 USDT, which is not this transfer alone.","The account history shows 100 USDT leaving spot at 10:15:28 UTC, 10:15:29 UTC and 10:24:47 UTC.","The futures side shows 100 USDT arriving on linear-swap at 10:15:28 UTC, 10:15:29 UTC and 10:24:47 UTC."]}','78c13366aae3ef702f4a7ebd24b524cbdd4217d88e934238f61d0de22d2dc536','2584c0891075442cde0178e6d129053dc18e053bd3d5e75df8dcf9a2e9b642a2');
INSERT INTO "events" VALUES(72,'2026-11-21T10:34:44.220Z',2,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"b4ce2072","version":2}','2584c0891075442cde0178e6d129053dc18e053bd3d5e75df8dcf9a2e9b642a2','2b65b3540e86248edab3350895995360a3b4b50332f2a120ad9d9194b3d78853');
INSERT INTO "events" VALUES(73,'2026-11-21T10:34:44.220Z',5,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"675fd79a","version":2}','2b65b3540e86248edab3350895995360a3b4b50332f2a120ad9d9194b3d78853','dc5793870d08a28812adb355f1cca4613cd727dd4ce7e9bfc8e1072933afa61e');
INSERT INTO "events" VALUES(74,'2026-11-21T10:34:44.220Z',6,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"a662b9c5","version":2}','dc5793870d08a28812adb355f1cca4613cd727dd4ce7e9bfc8e1072933afa61e','14bedf5b6d4d5eb23e22bc6f38509d0fb43b56884776e30fe0ae3fe07f19548a');
INSERT INTO "events" VALUES(75,'2026-11-21T10:34:44.220Z',7,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8af7baf6","version":2}','14bedf5b6d4d5eb23e22bc6f38509d0fb43b56884776e30fe0ae3fe07f19548a','0db294b0bf5c1425b81bde5d501c98aec8886f62baa2a6575821d8c1025e9446');
INSERT INTO "events" VALUES(76,'2026-11-21T10:34:44.220Z',8,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U02BOB","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"8af7baf6","version":2}','0db294b0bf5c1425b81bde5d501c98aec8886f62baa2a6575821d8c1025e9446','3ce01802b35924ee124c01af8653336fdbfb8ecb8c2036fca829402ae024c8b6');
INSERT INTO "events" VALUES(77,'2026-11-21T10:34:44.520Z',9,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"BTC-USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap/BTC-USDT","rule":"collateral","seal":"ed4ee4f5","version":1}','3ce01802b35924ee124c01af8653336fdbfb8ecb8c2036fca829402ae024c8b6','83dd569fcf8a59c5a92ff07fb810ccdfb969bbae3819d709a7a6a0aa17c400dd');
INSERT INTO "events" VALUES(78,'2026-11-21T10:34:47.120Z',10,'expired','desk','{"amount":"100","before":"proposed","currency":"USDT","margin_account":"USDT","outcome":"It was not confirmed in time. Nothing was sent.","policy":"440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f","reference":null,"requester":"U01ALICE","route":"htx:spot -> htx:linear-swap","rule":"collateral","seal":"4e065f60","version":1}','83dd569fcf8a59c5a92ff07fb810ccdfb969bbae3819d709a7a6a0aa17c400dd','8072c18fe257627b94a3e0053d9473b390d17dceeba4a6ae1b55c5912574038c');
CREATE TABLE freezes (exchange TEXT PRIMARY KEY, actor TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE journal (uuid TEXT PRIMARY KEY, begun_at TEXT NOT NULL) STRICT;
INSERT INTO "journal" VALUES('9f2d68a6743198e5282fd9508c80ba0c','2026-11-21T20:42:45.933Z');
CREATE TABLE looks (transfer_id INTEGER PRIMARY KEY REFERENCES transfers(id), exchange TEXT NOT NULL, watched INTEGER NOT NULL, step INTEGER NOT NULL, due_at TEXT NOT NULL) STRICT;
INSERT INTO "looks" VALUES(4,'htx',1,1,'2026-11-21T10:35:54.820Z');
CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'thread', 'audit')),
        transfer_id INTEGER REFERENCES transfers(id),
        event_seq INTEGER REFERENCES events(seq),
        generation INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'parked')),
        due_at TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        problem TEXT,
        created_at TEXT NOT NULL,
        tried_at TEXT,
        tried_in TEXT,
        CHECK (transfer_id IS NOT NULL OR kind = 'audit')
    ) STRICT
    ;
CREATE TABLE policies (
        hash TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT
    ;
INSERT INTO "policies" VALUES('01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626','[slack]
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
approvers = ["alice", "bob", "carol", "dan"]
directors = ["dan", "erin"]

[desk]
confirm_within = "10m"
approve_within = "15m"
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
per_day = "2000"
per_person_per_day = "400"
approvals = [{ above = "0", all = [{ count = 2, from = "approvers" }] }]

[[rules]]
name = "makers"
who = ["traders"]
from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
currencies = ["USDT"]
per_transfer = "1000"
per_day = "2000"
per_person_per_day = "400"
approvals = [{ above = "0", all = [{ count = 2, from = "approvers" }] }]
','2026-11-21T10:15:00.000Z');
INSERT INTO "policies" VALUES('440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','[slack]
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
approvers = ["alice", "bob", "carol", "dan"]
directors = ["dan", "erin"]

[desk]
confirm_within = "10m"
approve_within = "15m"
send_within = "5m"
admins = ["treasurers"]
resolve_by = 2

[[rules]]
name = "collateral"
who = ["traders"]
from = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
to = ["htx:spot", "htx:linear-swap", "htx:linear-swap/BTC-USDT"]
currencies = ["USDT"]
per_transfer = "1001"
per_day = "2000"
per_person_per_day = "400"
approvals = [{ above = "0", all = [{ count = 2, from = "approvers" }] }]

[[rules]]
name = "makers"
who = ["traders"]
from = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
to = ["coinw:master", "coinw:maker", "coinw:arbitrage"]
currencies = ["USDT"]
per_transfer = "1001"
per_day = "2000"
per_person_per_day = "400"
approvals = [{ above = "0", all = [{ count = 2, from = "approvers" }] }]
','2026-11-21T10:24:44.210Z');
CREATE TABLE resolutions (
        transfer_id INTEGER NOT NULL REFERENCES transfers(id),
        version INTEGER NOT NULL,
        approver TEXT NOT NULL,
        decision TEXT NOT NULL,
        seal TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (transfer_id, version, approver)
    ) STRICT
    ;
INSERT INTO "resolutions" VALUES(4,1,'U03CAROL','not_executed','a9ba26a7.00000000','2026-11-21T10:25:54.220Z');
INSERT INTO "resolutions" VALUES(4,1,'U04DAN','not_executed','a9ba26a7.00000000','2026-11-21T10:25:54.420Z');
CREATE TABLE standings (subject TEXT PRIMARY KEY, standing TEXT NOT NULL, at TEXT NOT NULL) STRICT;
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
    , reason TEXT NOT NULL DEFAULT '') STRICT
    ;
INSERT INTO "transfers" VALUES(1,1,'cancelled','htx','htx:spot','htx:linear-swap','USDT','100','USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256105.300000','collateral','a30d8f94cd8085cc89b6a8212f8662fec5e4074d014d5c97fce561dad2923229','01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626','a9ba26a7',2,NULL,'2026-11-21T10:15:05.000Z','2026-11-21T10:15:05.700Z',NULL,'2026-11-21T10:15:26.100Z',NULL,'Cancelled by the requester. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(2,2,'expired','htx','htx:spot','htx:linear-swap/BTC-USDT','USDT','100','BTC-USDT','0a239ca5d105','U01ALICE','T01DESK','C01TREASURY','1795256106.100000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','b4ce2072',2,NULL,'2026-11-21T10:15:05.700Z',NULL,NULL,'2026-11-21T10:34:44.220Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(3,1,'succeeded','htx','htx:spot','htx:linear-swap','USDT','100','USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256126.600000','collateral','a30d8f94cd8085cc89b6a8212f8662fec5e4074d014d5c97fce561dad2923229','01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626','a9ba26a7',2,NULL,'2026-11-21T10:15:26.100Z','2026-11-21T10:15:28.100Z','2026-11-21T10:15:28.900Z','2026-11-21T10:15:29.100Z','176104253','The exchange''s reference is 176104253.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(4,1,'not_executed','htx','htx:spot','htx:linear-swap','USDT','100','USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256128.300000','collateral','a30d8f94cd8085cc89b6a8212f8662fec5e4074d014d5c97fce561dad2923229','01cdbcb9a589085862de94c54e8449efcb9ef50944db1531109d77c22cbe3626','a9ba26a7',2,NULL,'2026-11-21T10:15:28.100Z','2026-11-21T10:15:29.700Z','2026-11-21T10:15:31.000Z','2026-11-21T10:25:54.420Z',NULL,'Settled by hand as not executed. carol: looked at the exchange''s own records; dan: looked at the exchange''s own records',NULL,NULL,'');
INSERT INTO "transfers" VALUES(5,2,'expired','htx','htx:spot','htx:linear-swap','USDT','100','USDT','0a239ca5d105','U01ALICE','T01DESK','C01TREASURY','1795256129.600000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','675fd79a',2,NULL,'2026-11-21T10:15:28.300Z',NULL,NULL,'2026-11-21T10:34:44.220Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(6,2,'expired','htx','htx:spot','htx:linear-swap','USDT','100','USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256129.700000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','a662b9c5',2,NULL,'2026-11-21T10:15:28.500Z',NULL,NULL,'2026-11-21T10:34:44.220Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(7,2,'expired','htx','htx:spot','htx:linear-swap/BTC-USDT','USDT','100','BTC-USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256132.200000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','8af7baf6',2,NULL,'2026-11-21T10:15:29.100Z',NULL,NULL,'2026-11-21T10:34:44.220Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(8,2,'expired','htx','htx:spot','htx:linear-swap/BTC-USDT','USDT','100','BTC-USDT','0a239ca5d105','U02BOB','T01DESK','C01TREASURY','1795256253.700000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','8af7baf6',2,NULL,'2026-11-21T10:17:33.100Z',NULL,NULL,'2026-11-21T10:34:44.220Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(9,1,'expired','htx','htx:spot','htx:linear-swap/BTC-USDT','USDT','100','BTC-USDT','0a239ca5d105','U01ALICE','T01DESK','C01TREASURY','1795256687.910000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','ed4ee4f5',2,NULL,'2026-11-21T10:24:44.510Z',NULL,NULL,'2026-11-21T10:34:44.520Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
INSERT INTO "transfers" VALUES(10,1,'expired','htx','htx:spot','htx:linear-swap','USDT','100','USDT','0a239ca5d105','U01ALICE','T01DESK','C01TREASURY','1795256694.210000','collateral','6b3d051a8be8f6d0880ffed2f94da2b934a933ef2a8467b4af02060bfe38571f','440ae945e76ad98f188fe62d7baee21e6d3623043c1e5191a4fb7a11ec33594f','4e065f60',2,NULL,'2026-11-21T10:24:47.110Z',NULL,NULL,'2026-11-21T10:34:47.120Z',NULL,'It was not confirmed in time. Nothing was sent.',NULL,NULL,'');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX transfers_by_state ON transfers(state, deadline);
CREATE INDEX events_by_transfer ON events(transfer_id, seq);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER events_are_never_removed BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE INDEX transfers_by_amount ON transfers(exchange, currency, amount, sent_at);
CREATE INDEX transfers_by_route ON transfers(exchange, source, destination, currency, amount, coalesce(settled_at, 'open'));
CREATE INDEX looks_due ON looks(exchange, watched, due_at);
CREATE INDEX transfers_by_end ON transfers(currency, coalesce(settled_at, 'open'));
CREATE INDEX codes_by_person ON codes(person, at);
CREATE INDEX events_by_actor ON events(actor, kind, seq);
CREATE UNIQUE INDEX outbox_one_card ON outbox(transfer_id) WHERE kind = 'card';
CREATE INDEX outbox_pending ON outbox(due_at, id) WHERE state = 'pending';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('transfers',10);
INSERT INTO "sqlite_sequence" VALUES('outbox',116);
COMMIT;
