-- Moved by day and currency
SELECT substr(settled_at, 1, 10) AS day, currency, exact_sum(amount) AS moved
FROM transfers
WHERE state = 'succeeded' AND settled_at >= date((SELECT max(at) FROM events), '-90 days')
GROUP BY 1, 2
ORDER BY 1, 2
