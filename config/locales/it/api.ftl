# Quello che solo l'API dice.

error-idempotency_key = Manca l'intestazione Idempotency-Key, o è più lunga di 200 caratteri: ogni prenotazione ne ha una sua.
field-instant = Scrivi un istante in formato RFC 3339, per esempio 2027-01-12T09:00:00+01:00
