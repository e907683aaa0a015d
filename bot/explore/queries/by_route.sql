-- By route
-- What was asked for and what was moved from account to account. A route of two steps is two of these.
SELECT source, destination, currency, count(*) AS transfers,
       count(*) FILTER (WHERE state = 'succeeded') AS done,
       coalesce(exact_sum(amount) FILTER (WHERE state = 'succeeded'), '0') AS moved,
       max(settled_at) AS last_ended_at
FROM transfers
GROUP BY source, destination, currency
ORDER BY transfers DESC, source, destination, currency
