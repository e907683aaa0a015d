-- Refused attempts by day
SELECT substr(at, 1, 10) AS day, coalesce(people.name, actor) AS person, count(*) AS attempts
FROM events LEFT JOIN people ON people.user = actor
WHERE kind = 'turned_away' AND at >= date((SELECT max(at) FROM events), '-90 days')
GROUP BY 1, 2
ORDER BY 1, 2
