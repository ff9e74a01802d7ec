# Testi comuni a tutte le pagine.

skip-to-content = Vai ai contenuti
skip-to-footer = Vai al piè di pagina
languages = Lingua
institutional-site = Sito istituzionale
login = Accedi all'area personale
logout = Esci
home = Home
breadcrumb = Percorso
main-navigation = Navigazione principale
sections = Sezioni
nav-services = Prenota un appuntamento
nav-personal-area = Area personale
nav-faq = Domande frequenti
nav-desk = Sportello
nav-console = Amministrazione
nav-accounting = Contabilità

contact-title = Contatta il Comune
contact-faq = Leggi le domande frequenti
contact-mail = Richiedi assistenza
contact-phone = Chiama il numero { $phone }
contact-booking = Prenota appuntamento
footer-contacts = Contatti
footer-fiscal-code = Codice fiscale / P. IVA: { $code }
footer-phone = Centralino: { $phone }
footer-services = Servizi
footer-faq = Leggi le FAQ
footer-booking = Prenotazione appuntamento
footer-legal = Informazioni
footer-privacy = Informativa privacy
footer-legal-notes = Note legali
footer-accessibility = Dichiarazione di accessibilità
footer-staff = Accesso del personale
footer-pagopa = Integrato con pagoPA

start-title = Scegli il tuo Comune
start-tagline = Appuntamenti e pagamenti dei Comuni
start-intro = Questi enti ricevono su appuntamento.
start-empty = Nessun ente è ancora attivo su questa installazione.

required = obbligatorio
required-note = I campi contraddistinti dal simbolo asterisco sono obbligatori.
back = Indietro
edit = Modifica
step-done = Confermato
step-current = Attivo
pagination = Pagine
previous = Precedente
next = Successiva
page-of = Pagina { $page } di { $last }
errors-title = { $n ->
    [one] C'è un dato da correggere
   *[other] Ci sono { $n } dati da correggere
}
error-prefix = Errore:

# Date e ore.
weekday-1 = lunedì
weekday-2 = martedì
weekday-3 = mercoledì
weekday-4 = giovedì
weekday-5 = venerdì
weekday-6 = sabato
weekday-7 = domenica
month-1 = gennaio
month-2 = febbraio
month-3 = marzo
month-4 = aprile
month-5 = maggio
month-6 = giugno
month-7 = luglio
month-8 = agosto
month-9 = settembre
month-10 = ottobre
month-11 = novembre
month-12 = dicembre
date-long = { $weekday } { $day } { $month } { $year }
time-of-day = ore { $time }

# Che cosa non è andato, per stato HTTP.
failure-401 = Accesso non autorizzato
failure-403 = Non puoi farlo
failure-404 = Pagina non trovata
failure-409 = Non è più possibile
failure-422 = Richiesta non valida
failure-500 = Si è verificato un errore
failure-502 = Un servizio esterno non risponde
failure-503 = Servizio momentaneamente non disponibile
failure-what-to-do = Riprova tra qualche minuto. Se il problema continua, contatta il Comune e indica il codice che trovi qui sotto.
failure-back = Torna alla pagina iniziale
failure-request-id = Codice della richiesta: { $id }

# Errori che possono capitare ovunque.
error-not_found = La pagina che cerchi non esiste o è stata spostata. Controlla l'indirizzo oppure torna alla pagina iniziale.
error-method = Questa operazione non è prevista a questo indirizzo.
error-too_large = Il file inviato è troppo grande.
error-malformed = La richiesta non è completa o non è leggibile. Torna indietro e riprova.
error-invalid = Alcuni dati non sono corretti: controllali e riprova.
error-busy = In questo momento il servizio è molto richiesto o in manutenzione. Nessun dato è andato perso: riprova tra poco.
error-defect = Qualcosa non ha funzionato da parte nostra. Quello che avevi già confermato è al sicuro.
error-refused = Questa operazione non è possibile in questo momento.
error-taken = L'orario che hai scelto è appena stato occupato. Scegline un altro.
error-key_reused = La stessa chiave di idempotenza è già stata usata per una richiesta diversa.
error-role_missing = Il tuo profilo non ha il ruolo necessario per questa pagina. Chiedi all'amministratore del tuo ente.
error-form_expired = La pagina era aperta da troppo tempo. Torna indietro, ricaricala e invia di nuovo: i dati non sono stati registrati.

# Campi.
field-wrong = Il valore non è corretto
field-required = Questo campo è obbligatorio
field-already_used = Questo valore è già usato

# Che cosa è stato appena fatto (?esito=…).
done-saved = Le modifiche sono state salvate.
