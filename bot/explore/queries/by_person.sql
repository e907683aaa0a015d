-- By person
-- What each person asked for, and what was moved of it. Write a name or a Slack id, or leave it empty for everybody.
SELECT coalesce(people.name, requester) AS person, currency, count(*) AS transfers,
       count(*) FILTER (WHERE state = 'succeeded') AS done,
       coalesce(exact_sum(amount) FILTER (WHERE state = 'succeeded'), '0') AS moved,
       min(created_at) AS first_asked_at, max(created_at) AS last_asked_at
FROM transfers LEFT JOIN people ON people.user = requester
WHERE :person IN ('', requester, people.name)
GROUP BY requester, currency
ORDER BY transfers DESC, person, currency
