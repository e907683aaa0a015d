-- Refused attempts
-- What people tried and were not allowed to do, the newest first.
SELECT seq, at, coalesce(people.name, actor) AS person, data ->> 'attempt' AS attempt, data ->> 'why' AS why,
       data ->> 'channel' AS channel
FROM events LEFT JOIN people ON people.user = actor
WHERE kind = 'turned_away'
ORDER BY seq DESC
