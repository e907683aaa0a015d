-- Transfers by the day they were asked for
SELECT substr(created_at, 1, 10) AS day, replace(state, '_', ' ') AS state, count(*) AS transfers
FROM transfers
WHERE created_at >= date((SELECT max(at) FROM events), '-90 days')
GROUP BY 1, 2
ORDER BY 1, 2
