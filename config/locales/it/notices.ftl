# Quello che il servizio scrive ai cittadini: App IO ed e-mail. Si dà del tu, senza dati personali nei titoli.

# Titoli: da 10 a 120 caratteri. «dell'8» e «dell'11», ma «del 12».
notice-of-day =
    { $day ->
        [1] del 1º
        [8] dell'8
        [11] dell'11
       *[other] del { $day }
    } { $month } alle { $time }
notice-to-day =
    { $day ->
        [1] al 1º
        [8] all'8
        [11] all'11
       *[other] al { $day }
    } { $month } alle { $time }
notice-subject-confirmed = Il tuo appuntamento { $of }
notice-subject-moved = Il tuo appuntamento è stato spostato { $to }
notice-subject-cancelled = Il tuo appuntamento { $of } è stato annullato
notice-subject-proposed = Scegli un altro orario per il tuo appuntamento { $of }
notice-subject-proposal_accepted = Il nuovo orario del tuo appuntamento: quello { $of }
notice-subject-proposal_declined = Resta confermato il tuo appuntamento { $of }
notice-subject-proposal_withdrawn = Resta valido il tuo appuntamento { $of }
notice-subject-proposal_expired = Nessuna scelta: resta valido il tuo appuntamento { $of }
notice-subject-payment_due = Hai un nuovo avviso di pagamento
notice-subject-expired = Il tuo appuntamento { $of } non è confermato: manca il pagamento
notice-subject-paid = Abbiamo ricevuto il tuo pagamento
notice-subject-paid_without_time = Pagamento ricevuto, ma l'orario non è più disponibile
notice-subject-paid_not_due = Hai pagato un avviso che non era più dovuto
notice-subject-reminder = Ricordati del tuo appuntamento { $of }

notice-greeting = Ciao { $name },
notice-greeting-anonymous = Ciao,
notice-footer = { $entity } ti scrive perché hai preso un appuntamento. Questo messaggio è automatico.

# Etichette, davanti al loro valore.
notice-when = Quando
notice-where = Dove
notice-code = Codice della prenotazione
notice-bring = Cosa portare
notice-reason = Motivo
notice-message = Messaggio dell'ufficio
notice-option = Orario { $number }
notice-choose-by = Scegli entro
notice-amount = Devi pagare
notice-paid-amount = Hai pagato
notice-pay-by = Entro
notice-number = Codice dell'avviso pagoPA

# Che cosa è successo.
notice-text-confirmed = Hai prenotato un appuntamento per il servizio «{ $service }».
notice-text-moved = L'appuntamento per il servizio «{ $service }» è stato spostato: qui trovi il nuovo orario. Quello di prima non vale più.
notice-text-cancelled = L'appuntamento per il servizio «{ $service }» è stato annullato: non devi presentarti allo sportello.
notice-text-proposed = Per l'appuntamento del servizio «{ $service }» ti proponiamo altri orari. Li teniamo liberi per te fino alla data indicata; se non scegli, resta valido l'appuntamento che hai.
notice-text-proposal_accepted = Hai scelto un nuovo orario per il servizio «{ $service }»: l'appuntamento è confermato. Quello di prima non vale più.
notice-text-proposal_declined = Non hai accettato gli orari che ti abbiamo proposto per il servizio «{ $service }»: l'appuntamento resta quello che avevi.
notice-text-proposal_withdrawn = L'ufficio ha ritirato gli orari che ti aveva proposto per il servizio «{ $service }»: l'appuntamento resta quello che avevi.
notice-text-proposal_expired = Il tempo per scegliere uno degli orari proposti per il servizio «{ $service }» è finito: l'appuntamento resta quello che avevi.
notice-text-payment_due = C'è un avviso da pagare relativo al servizio «{ $service }», prenotazione { $code }. Se hai già pagato, ignora questo messaggio.
notice-text-expired = Fino a { $closed } non è arrivato il pagamento per il servizio «{ $service }»: l'appuntamento non è confermato e l'orario è di nuovo libero. Se hai già pagato, non devi fare altro: la ricevuta ci arriverà e ti scriveremo.
notice-text-paid = Abbiamo ricevuto il pagamento relativo al servizio «{ $service }». La ricevuta è nella pagina dell'appuntamento.
notice-text-paid_without_time = Abbiamo ricevuto il pagamento relativo al servizio «{ $service }», ma è arrivato dopo la scadenza e l'orario che avevi scelto è stato preso da un'altra persona. Il pagamento resta valido: scegli un altro orario dalla pagina dell'appuntamento, senza pagare di nuovo.
notice-text-paid_not_due = Abbiamo ricevuto il pagamento di un avviso relativo al servizio «{ $service }» che non era più dovuto: l'appuntamento era stato annullato, oppure spostato a un orario di importo diverso. L'ufficio ti contatterà per un nuovo appuntamento, un conguaglio o il rimborso.
notice-text-reminder = Ti ricordiamo il tuo appuntamento per il servizio «{ $service }».

# Che cosa si può fare.
notice-more-change = Se non puoi venire, sposta o disdici l'appuntamento: il tuo posto servirà a un'altra persona.
notice-more-in-advance = L'appuntamento è confermato quando arriva il pagamento. Se non paghi in tempo, l'orario torna disponibile per gli altri.
notice-more-book-again = Se ti serve ancora, puoi prenotare un altro appuntamento.

# Bottoni e collegamenti.
notice-action-manage = Gestisci appuntamento
notice-action-choose = Scegli l'orario
notice-action-pay = Vai al pagamento
notice-action-book = Prenota di nuovo

# Nel calendario di chi riceve.
notice-calendar-summary = Appuntamento: { $service }
