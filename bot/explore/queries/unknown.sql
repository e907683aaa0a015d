-- Without an answer, and how that ended
-- Transfers whose answer was lost: for how long nobody knew, and what settled them.
SELECT 'T' || transfers.id AS transfer, coalesce(people.name, requester) AS requester, amount, currency,
       source, destination, lost.at AS lost_at, lost.data ->> 'outcome' AS what_was_seen,
       replace(state, '_', ' ') AS state, settled_at,
       round((julianday(coalesce(settled_at, 'now')) - julianday(lost.at)) * 1440, 1) AS minutes,
       CASE WHEN ended.seq IS NULL THEN 'nobody yet'
            WHEN ended.data ->> 'settled_by' IS NULL THEN 'a late answer'
            WHEN ended.data ->> 'settled_by' = 'evidence' THEN 'the exchange''s records'
            ELSE 'people' END AS settled_by,
       transfers.outcome
FROM events AS lost
JOIN transfers ON transfers.id = lost.transfer_id
LEFT JOIN events AS ended
  ON ended.transfer_id = transfers.id AND ended.seq > lost.seq AND ended.kind IN ('succeeded', 'not_executed')
LEFT JOIN people ON people.user = requester
WHERE lost.kind = 'unknown'
ORDER BY transfers.id DESC
