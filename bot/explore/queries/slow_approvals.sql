-- Slow approvals
-- How long transfers waited for approval, the longest first. One that still waits counts until now.
WITH waits AS (
  SELECT transfer_id, at AS asked_at,
         (SELECT min(seq) FROM events AS later
          WHERE later.transfer_id = asked.transfer_id AND later.seq > asked.seq
            AND later.kind IN ('approved', 'denied', 'cancelled', 'expired', 'blocked', 'asked_again')) AS ended_seq
  FROM events AS asked
  WHERE kind = 'awaiting_approval'
)
SELECT 'T' || transfers.id AS transfer, coalesce(people.name, requester) AS requester, amount, currency, asked_at,
       ended.at AS ended_at, coalesce(replace(ended.kind, '_', ' '), 'still waiting') AS ended,
       round((julianday(coalesce(ended.at, 'now')) - julianday(asked_at)) * 1440, 1) AS minutes,
       (SELECT group_concat(coalesce(people.name, approver), ', ')
        FROM approvals LEFT JOIN people ON people.user = approver
        WHERE transfer_id = transfers.id AND decision = 'approved') AS approved_by
FROM waits
JOIN transfers ON transfers.id = waits.transfer_id
LEFT JOIN events AS ended ON ended.seq = ended_seq
LEFT JOIN people ON people.user = requester
ORDER BY minutes DESC, transfers.id
