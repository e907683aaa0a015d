-- Minutes until an approval was given
SELECT round((julianday(min(given.at)) - julianday(asked.at)) * 1440, 1) AS minutes
FROM events AS asked
JOIN events AS given ON given.transfer_id = asked.transfer_id AND given.kind = 'approved' AND given.seq > asked.seq
WHERE asked.kind = 'awaiting_approval' AND asked.at >= date((SELECT max(at) FROM events), '-90 days')
GROUP BY asked.seq
