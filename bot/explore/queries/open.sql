-- Open transfers
-- Everything that has not ended, the oldest first.
SELECT 'T' || id AS transfer, state, coalesce(people.name, requester) AS requester, amount, currency,
       source, destination, created_at AS asked_at, deadline, outcome
FROM transfers LEFT JOIN people ON people.user = requester
WHERE settled_at IS NULL
ORDER BY id
