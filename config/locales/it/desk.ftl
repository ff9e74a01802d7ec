# Le pagine degli operatori di sportello.

desk-section-day = Giornata
desk-section-insert = Nuovo appuntamento
desk-section-close = Chiudi uno sportello
desk-section-tasks = Da sistemare

desk-sites-title = Scegli la sede
desk-sites-empty = Non hai ancora una sede in cui operare. Chiedi all'amministratore del tuo ente.

# La giornata.
desk-days = Giorni
desk-day-before = Giorno prima
desk-day-after = Giorno dopo
desk-today = Oggi
desk-my-counter = Il mio sportello
desk-no-counter = Quello prenotato
desk-sit = Imposta
desk-find = Codice appuntamento
desk-open = Apri
desk-tasks-open = { $n ->
    [one] 1 cosa da sistemare
   *[other] { $n } cose da sistemare
}
desk-connection-lost = collegamento perso: la pagina potrebbe non essere aggiornata
desk-updated = aggiornato alle { $time }
desk-count-expected = attesi
desk-count-waiting = in attesa
desk-count-called = chiamati
desk-count-served = serviti
desk-count-missed = assenti
desk-count-cancelled = annullati
desk-waiting-title = In sala d'attesa
desk-waiting-empty = Nessuno sta aspettando.
desk-waits = { $n ->
    [0] appena arrivato
    [one] aspetta da 1 minuto
   *[other] aspetta da { $n } minuti
}
desk-booked-at = prenotato alle { $time }
desk-call = Chiama
desk-call-to = Chiama: { $counter }
desk-arrived = Arrivato
desk-served = Servito
desk-no-show = Assente
desk-undo = Annulla l'ultima azione
desk-undo-short = Indietro
desk-day-caption = Tutti gli appuntamenti
desk-day-empty = Nessun appuntamento in questo giorno.
desk-time = Ora
desk-citizen = Cittadino
desk-service = Servizio
desk-counter = Sportello
desk-contacts = Contatti
desk-state = Stato e pagamento
desk-actions = Azioni
desk-has-notes = note
desk-has-proposal = proposta inviata
desk-since = dalle { $time }
desk-paid = Pagato { $amount }
desk-unpaid = Da pagare { $amount }
desk-payment-cancelled = Non più dovuto
desk-channel-web = online
desk-channel-api = altro programma
desk-channel-desk = sportello
desk-state-held = In compilazione
desk-state-awaiting_payment = Attende il pagamento
desk-state-confirmed = Atteso
desk-state-arrived = In attesa
desk-state-called = Chiamato
desk-state-served = Servito
desk-state-no_show = Assente
desk-state-cancelled = Annullato
desk-state-expired = Scaduto

# Un appuntamento.
desk-card-appointment = Appuntamento
desk-card-holder = Cittadino
desk-card-answers = Risposte del modulo
desk-card-payment = Pagamento
desk-code = Codice
desk-when = Quando
desk-site = Sede
desk-reason = Motivo
desk-details = Dettagli
desk-details-help = Inserire massimo 200 caratteri
desk-deadline = Da pagare entro
desk-arrived-at = Arrivato alle
desk-called-at = Chiamato alle
desk-called-to = Chiamato a
desk-cancel-reason = Motivo dell'annullamento
desk-made = Prenotato
desk-given-name = Nome
desk-family-name = Cognome
desk-fiscal-code = Codice fiscale
desk-fiscal-code-help = Necessario per i servizi a pagamento e per gli avvisi sull'app IO
desk-identity = Identità
desk-verified = Verificata con SPID o CIE
desk-not-verified = Dichiarata, da verificare
desk-email = E-mail
desk-email-help = Per inviare la conferma
desk-phone = Telefono
desk-language = Lingua degli avvisi
desk-language-it = Italiano
desk-language-en = Inglese
desk-payment-state = Stato
desk-payment-for = Causale
desk-notice = Numero avviso
desk-iuv = IUV
desk-due = Scadenza
desk-paid-at = Pagato il
desk-receipt = Ricevuta (IUR)
desk-notes = Note degli operatori
desk-notes-help = Le vede solo il personale: il cittadino non le riceve.
desk-save-notes = Salva le note
desk-history = Storia dell'appuntamento
desk-what = Che cosa
desk-who = Chi
desk-print = Stampa
desk-back-to-day = Torna alla giornata
desk-actor-citizen = Cittadino
desk-actor-guest = Cittadino, senza accesso
desk-actor-staff = Operatore
desk-actor-client = Altro programma
desk-actor-peer = Sistema esterno
desk-actor-system = Sistema
desk-record-appointment-booked = Prenotato
desk-record-appointment-paid = Pagato
desk-record-appointment-moved = Spostato
desk-record-appointment-price-differs = Spostato a un orario di importo diverso da quello pagato
desk-record-appointment-reseated = Passato a un altro sportello
desk-record-appointment-cancelled = Annullato
desk-record-appointment-expired = Scaduto
desk-record-appointment-proposed = Proposti altri orari
desk-record-appointment-proposal-declined = Proposta rifiutata
desk-record-appointment-proposal-withdrawn = Proposta ritirata
desk-record-appointment-proposal-expired = Proposta scaduta senza risposta
desk-record-appointment-proposal-changed = Orari proposti cambiati per una chiusura
desk-record-appointment-arrived = Segnato come arrivato
desk-record-appointment-called = Chiamato
desk-record-appointment-served = Servito
desk-record-appointment-missed = Segnato come assente
desk-record-appointment-undone = Annullata l'ultima azione
desk-record-appointment-noted = Note modificate

# Annullare, spostare, proporre.
desk-cancel = Annulla l'appuntamento
desk-cancel-title = Annulla l'appuntamento di { $name }
desk-cancel-why = Motivo
desk-cancel-why-help = Il cittadino lo leggerà nel messaggio di annullamento. Massimo 500 caratteri.
desk-cancel-do = Annulla l'appuntamento e avvisa il cittadino
desk-cancel-paid = Questo appuntamento è già stato pagato: annullandolo, il rimborso va gestito con la ragioneria.
desk-move = Sposta
desk-move-title = Sposta l'appuntamento di { $name }
desk-move-do = Sposta l'appuntamento
desk-move-told = Il cittadino riceve subito il nuovo orario.
desk-give-time = Dai un altro orario
desk-now-is = Ora è fissato per { $when }.
desk-month = Mese
desk-all-sites = Tutte le sedi
desk-show-times = Mostra gli orari
desk-no-times = In questo mese non ci sono orari liberi. Scegli un altro mese o un'altra sede.
desk-near-times = Gli orari liberi più vicini
desk-choose-time = Seleziona un giorno e orario
desk-choose-times = Seleziona da uno a tre orari
desk-times-count = { $n ->
    [one] 1 orario
   *[other] { $n } orari
}
desk-free = ({ $n } liberi)
desk-propose = Proponi un altro orario
desk-propose-title = Proponi un altro orario a { $name }
desk-propose-about = Gli orari proposti restano riservati fino alla risposta. L'appuntamento attuale resta valido finché il cittadino non ne accetta un altro.
desk-propose-no-contact = Non abbiamo né l'e-mail né il codice fiscale di questo cittadino: la proposta non può essergli inviata. Chiamalo e sposta l'appuntamento.
desk-propose-do = Invia la proposta
desk-message = Messaggio per il cittadino
desk-message-help = Massimo 1000 caratteri
desk-answer-within = Tempo per rispondere
desk-answer-within-help = Se non risponde, l'appuntamento attuale resta valido e la cosa compare tra quelle da sistemare.
desk-hours = { $n ->
    [24] un giorno
    [48] due giorni
    [72] tre giorni
    [168] una settimana
   *[other] { $n } ore
}
desk-proposal-open = Proposta inviata: il cittadino può rispondere fino al { $until }
desk-withdraw = Ritira la proposta

# Inserire un appuntamento.
desk-insert-title = Nuovo appuntamento per un cittadino
desk-step-service = Servizio
desk-step-time = Luogo e orario
desk-step-data = Dati
desk-step-summary = Riepilogo
desk-no-services = Nessun servizio è ancora prenotabile.
desk-minutes = { $n } minuti
desk-next = Avanti
desk-choose = Scegli
desk-edit-data = Modifica i dati
desk-insert-do = Conferma l'appuntamento
desk-total = Totale
desk-in-advance = Questo servizio si paga prima: l'appuntamento è confermato quando arriva il pagamento, che il cittadino riceve come avviso.
desk-not-told = Senza e-mail né codice fiscale il cittadino non riceve nessun avviso: digli adesso giorno, ora e codice.

# Chiudere uno sportello.
desk-close-title = Chiudi uno sportello
desk-close-about = Chi ha appuntamento in quelle ore passa a un altro sportello della sede libero alla stessa ora; per gli altri dovrai trovare un nuovo orario. Prima di confermare vedi chi è coinvolto.
desk-day = Giorno
desk-from = Dalle
desk-from-help = Vuoto: dall'inizio del giorno
desk-to = Alle
desk-to-help = Vuoto: fino alla fine del giorno
desk-close-why = Motivo
desk-close-why-help = Per il personale
desk-close-see = Vedi chi è coinvolto
desk-close-do = Chiudi lo sportello
desk-whole-day = tutto il giorno
desk-from-to = dalle { $from } alle { $to }
desk-close-nobody = Nessun appuntamento è coinvolto.
desk-close-preview = { $n ->
    [one] È coinvolto 1 appuntamento. Non è ancora cambiato nulla.
   *[other] Sono coinvolti { $n } appuntamenti. Non è ancora cambiato nulla.
}
desk-close-moved = { $n ->
    [one] 1 cittadino passa a un altro sportello alla stessa ora
   *[other] { $n } cittadini passano a un altro sportello alla stessa ora
}
desk-close-left = { $n ->
    [one] 1 cittadino ha bisogno di un nuovo orario
   *[other] { $n } cittadini hanno bisogno di un nuovo orario
}
desk-new-counter = Nuovo sportello
desk-closed-title = Sportello chiuso
desk-closed = Esito
desk-closed-done = { $counter } è chiuso nelle ore indicate.
desk-go-to-tasks = Vai alle cose da sistemare

# Da sistemare.
desk-tasks-title = Da sistemare
desk-tasks-empty = Non c'è niente da sistemare.
desk-task-since = dal { $when }
desk-task-done = Fatto
desk-task-paid-without-time = Pagato, ma l'orario non c'è più
desk-task-paid-without-time-do = Il pagamento è arrivato dopo la scadenza e l'orario era stato dato a un altro. Il cittadino può scegliere un altro orario dalla pagina dell'appuntamento; oppure chiamalo e daglielo tu: non deve pagare di nuovo.
desk-task-paid-after-cancellation = Pagato dopo l'annullamento
desk-task-paid-after-cancellation-do = L'appuntamento era già annullato quando è arrivato il pagamento. Chiama il cittadino: nuovo appuntamento oppure rimborso, da concordare con la ragioneria.
desk-task-paid-at-another-price = Pagato un importo diverso
desk-task-paid-at-another-price-do = L'appuntamento era già pagato ed è stato spostato a un orario che costa di più o di meno. Concorda con la ragioneria se chiedere la differenza o rimborsarla.
desk-task-paid-not-due = Pagato un avviso sostituito
desk-task-paid-not-due-do = È stato pagato un avviso che non era più dovuto: l'appuntamento era stato spostato a un orario di importo diverso, e resta com'è. Concorda con il cittadino e con la ragioneria il rimborso o il conguaglio.
desk-task-proposal-declined = Proposta rifiutata
desk-task-proposal-declined-do = Il cittadino preferisce l'orario che aveva, che resta valido. Se non è possibile, proponi altri orari o chiamalo.
desk-task-proposal-expired = Proposta senza risposta
desk-task-proposal-expired-do = Il cittadino non ha risposto in tempo: l'appuntamento di prima resta valido. Se non è possibile, chiamalo.
desk-task-proposal-withdrawn = Proposta ritirata per una chiusura
desk-task-proposal-withdrawn-do = Tutti gli orari proposti erano a sportelli che ora sono chiusi: l'appuntamento di prima resta valido. Proponi altri orari o chiama il cittadino.
desk-task-paid-without-receipt = Pagato, ma la ricevuta non arriverà
desk-task-paid-without-receipt-do = Il prestatore di servizi ha rendicontato il pagamento e dichiara che la ricevuta non arriverà. Controlla l'attestazione del cittadino insieme alla ragioneria: non deve pagare di nuovo.
desk-task-counter-closed = Sportello chiuso all'ora dell'appuntamento
desk-task-counter-closed-do = Lo sportello è chiuso e nessun altro è libero a quell'ora. Sposta l'appuntamento, proponi altri orari o chiama il cittadino.
desk-task-notice-undelivered = Messaggio non consegnato
desk-task-notice-undelivered-do = Un messaggio sull'app IO non è arrivato e il cittadino non ha lasciato un indirizzo email. Apri l'appuntamento e chiamalo.

# Che cosa è stato appena fatto.
done-desk-moved = L'appuntamento è stato spostato e il cittadino è stato avvisato.
done-desk-proposed = La proposta è stata inviata.
done-desk-withdrawn = La proposta è stata ritirata.
done-desk-cancelled = L'appuntamento è stato annullato e il cittadino è stato avvisato.
done-desk-inserted = L'appuntamento è stato inserito. Di' al cittadino il codice.
done-desk-task = Segnato come fatto.
