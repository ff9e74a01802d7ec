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
failure-session-expired = Sessione scaduta
failure-403 = Non puoi farlo
failure-404 = Pagina non trovata
failure-409 = Non è più possibile
failure-422 = Richiesta non valida
failure-500 = Si è verificato un errore
failure-502 = Un servizio esterno non risponde
failure-503 = Servizio momentaneamente non disponibile
failure-what-to-do = Riprova tra qualche minuto. Se il problema continua, contatta il Comune e indica il codice che trovi qui sotto.
failure-login = Accedi di nuovo
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
error-session_expired = La sessione è scaduta: quello che hai appena inviato non è stato registrato. Se avevi scritto qualcosa, torna indietro e copialo; poi accedi e ripeti.
error-form_expired = La pagina era aperta da troppo tempo. Torna indietro, ricaricala e invia di nuovo: i dati non sono stati registrati.

# Campi.
field-wrong = Il valore non è corretto
field-required = Questo campo è obbligatorio
field-already_used = Questo valore è già usato

# Che cosa è stato appena fatto (?esito=…).
done-saved = Le modifiche sono state salvate.

# Accesso.
login-title = Accedi
login-lead = Per accedere ai servizi utilizza una delle seguenti modalità.
login-about = Accedi con la tua identità digitale { $provider }.
login-enter-with = Entra con { $provider }
login-get-spid = Come attivare SPID
login-get-cie = Come richiedere la CIE
login-none = L'accesso dei cittadini non è ancora attivo per questo ente. Puoi comunque prenotare un appuntamento senza accedere.
login-others = Altre utenze
login-others-about = Se lavori per l'ente, usa l'accesso del personale.
login-staff = Accedi come dipendente
error-login_cancelled = Hai annullato l'accesso. Puoi riprovare quando vuoi.
error-login_consent = Non hai dato il consenso all'invio dei tuoi dati: senza il codice fiscale non possiamo riconoscerti.
error-login_attempts = Troppi tentativi con credenziali errate. Riprova più tardi o contatta il tuo gestore di identità.
error-login_level = Serve un accesso più sicuro: ripeti l'accesso con il livello 2 o superiore.
error-login_expired = Il tempo per l'accesso è scaduto, o l'accesso era iniziato in un'altra finestra. Riprova.
error-login_suspended = La tua identità digitale è sospesa o revocata. Contatta il tuo gestore di identità.
error-login_kind = Per questo servizio serve un'identità digitale personale, non di un'azienda.
error-login_fiscal_code = Il gestore di identità non ha fornito un codice fiscale valido.
error-login_unavailable = Il servizio di accesso non risponde. Riprova tra qualche minuto.
error-login_misconfigured = Il servizio di accesso di questo ente non è configurato correttamente. Contatta il Comune.
error-login_refused = L'accesso non è riuscito per un problema di sicurezza. Riprova; se il problema continua, contatta il Comune.
error-login_not_staff = Ti abbiamo riconosciuto, ma non risulti tra il personale abilitato di questo ente. Chiedi all'amministratore di aggiungerti.
error-token_missing = Manca il token di accesso: ottienilo dall'endpoint dei token e invialo nell'intestazione Authorization.
error-token_invalid = Il token di accesso non è valido o è scaduto: richiedine uno nuovo.
error-scope_missing = Il token non ha il permesso necessario per questa operazione.
field-identifier = Usa da 3 a 63 caratteri: lettere minuscole, cifre, punti, trattini
