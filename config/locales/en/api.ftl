# What only the API says.

error-idempotency_key = The Idempotency-Key header is missing, or longer than 200 characters: each booking has its own.
field-instant = Write an instant in RFC 3339, for example 2027-01-12T09:00:00+01:00
