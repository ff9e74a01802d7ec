# Le pagine dei cittadini.

citizen-minutes = { $n ->
    [one] { $n } minuto
   *[other] { $n } minuti
}
citizen-hours = { $n ->
    [one] { $n } ora
   *[other] { $n } ore
}
citizen-days = { $n ->
    [one] { $n } giorno
   *[other] { $n } giorni
}

# Elenco dei servizi e scheda.
citizen-services-title = Prenota un appuntamento
citizen-services-lead = Scegli il servizio che ti serve: vedi subito che cosa portare, quanto costa e quando c'è posto.
citizen-services-empty = In questo momento nessun servizio riceve su appuntamento. Per informazioni contatta il Comune.
citizen-other-services = Altri servizi
citizen-book = Prenota
citizen-sheet-who = Come si prenota
citizen-sheet-guests = Puoi prenotare anche senza accedere: bastano nome, cognome ed e-mail.
citizen-sheet-login = Per prenotare accedi con la tua identità digitale, SPID o CIE, di livello { $level } o superiore. Puoi guardare i giorni e gli orari liberi anche prima di accedere.
citizen-sheet-duration = L'appuntamento dura { $time }.
citizen-bring = Cosa serve
citizen-sheet-price = Quanto costa
citizen-sheet-where = Dove
citizen-sheet-no-sites = In questo momento nessun ufficio riceve su appuntamento per questo servizio. Per informazioni contatta il Comune.
citizen-price-free = Il servizio è gratuito.
citizen-price-fixed = Il servizio costa { $amount }.
citizen-price-by-day = L'importo dipende dal giorno e dall'ora dell'appuntamento. Lo vedi nel riepilogo, prima di confermare.
citizen-price-by-answers = L'importo dipende da quello che chiedi nel modulo. Lo vedi nel riepilogo, prima di confermare.
citizen-price-by-both = L'importo dipende dal giorno dell'appuntamento e da quello che scrivi nel modulo. Lo vedi nel riepilogo, prima di confermare.
citizen-price-in-advance = L'appuntamento è confermato quando arriva il pagamento: dopo la prenotazione hai { $time } di tempo per pagare con pagoPA, poi l'orario torna disponibile per gli altri.
citizen-price-later = { $n ->
    [0] Si paga con pagoPA il giorno della prenotazione.
    [one] Si paga con pagoPA entro { $n } giorno dalla prenotazione.
   *[other] Si paga con pagoPA entro { $n } giorni dalla prenotazione.
}

# Prenotazione.
citizen-booking-title = Prenotazione appuntamento
citizen-step-luogo = Luogo
citizen-step-data-e-orario = Data e orario
citizen-step-dettagli = Dettagli appuntamento
citizen-step-richiedente = Richiedente
citizen-step-riepilogo = Riepilogo
citizen-forward = Avanti
citizen-choose = Seleziona
citizen-office = Ufficio
citizen-choose-office = Scegli l'ufficio a cui vuoi richiedere l'appuntamento
citizen-only-office = Per questo servizio riceve un solo ufficio
citizen-site = Ufficio
citizen-site-address = Indirizzo
citizen-site-opening = Apertura
citizen-site-directions = Come arrivare
citizen-available = Appuntamenti disponibili
citizen-month = Mese
citizen-show-times = Mostra gli orari
citizen-choose-time = Scegli il giorno e l'orario
citizen-times = { $n ->
    [one] { $n } orario
   *[other] { $n } orari
}
citizen-nearby = Gli orari liberi più vicini a quello che volevi
citizen-no-times = Non ci sono orari liberi in questo ufficio.
citizen-other-office = Scegli un altro ufficio
citizen-no-times-phone = Chiama l'ufficio:
citizen-no-times-later = Riprova nei prossimi giorni: si liberano posti ogni volta che qualcuno disdice e si aprono nuove giornate.
citizen-hold = Ti teniamo questo orario fino alle { $time }.
citizen-hold-expired = Il tempo per completare la prenotazione è scaduto e l'orario non è più tenuto per te. Scegline uno: quello che avevi già scritto è rimasto.
citizen-topic = Argomento: { $service }
citizen-reason = Motivo
citizen-reason-label = Motivo dell'appuntamento
citizen-details = Dettagli
citizen-details-help = Aggiungi quello che può servire all'ufficio per prepararsi. Massimo 200 caratteri.
citizen-questions = Informazioni per il servizio
citizen-length-max = Massimo { $n } caratteri.
citizen-applicant = Richiedente
citizen-about-you = Informazioni su di te, ricevute dal tuo gestore di identità digitale.
citizen-contacts = Contatti
citizen-given-name = Nome
citizen-family-name = Cognome
citizen-fiscal-code = Codice fiscale
citizen-code-optional = Facoltativo: se lo scrivi, ritrovi l'appuntamento nella tua area personale.
citizen-code-to-pay = Serve per intestarti l'avviso di pagamento.
citizen-email = E-mail
citizen-email-help = Qui ricevi la conferma e il promemoria.
citizen-phone = Telefono
citizen-phone-help = Facoltativo: lo usiamo solo per avvisarti di un imprevisto.
citizen-must-log-in = Per questo servizio devi accedere con SPID o CIE, livello { $level } o superiore: i tuoi dati li prendiamo da lì.
citizen-level-too-low = Hai già fatto l'accesso, ma per questo servizio serve il livello { $level }. Accedi di nuovo con un livello superiore.
citizen-level-unstated = Hai già fatto l'accesso, ma il fornitore che hai scelto non dice di che livello è la tua identità e per questo servizio serve il livello { $level }. Accedi con un altro fornitore, oppure prenota al telefono con l'ufficio.
citizen-may-log-in = Se accedi con SPID o CIE non devi scrivere i tuoi dati e ritrovi l'appuntamento nell'area personale.
citizen-log-in = Accedi
citizen-nothing-lost = Dopo l'accesso torni qui: l'orario e quello che hai scritto restano.
citizen-declaration = Le informazioni che hai fornito hanno valore di dichiarazione. Verifica che siano corrette.
citizen-privacy-link = Leggi l'informativa sulla privacy
citizen-confirm = Conferma e invia
citizen-day = Data
citizen-hour = Ora
citizen-service = Servizio
citizen-total = Totale

# Pagina dell'appuntamento.
citizen-appointment = Appuntamento
citizen-title-confirmed = Appuntamento confermato
citizen-title-awaiting-payment = Manca solo il pagamento
citizen-title-arrived = Sei in attesa allo sportello
citizen-title-served = Appuntamento concluso
citizen-title-no-show = Appuntamento mancato
citizen-title-cancelled = Appuntamento annullato
citizen-title-expired = Prenotazione scaduta
citizen-title-owed-time = Scegli un altro orario
citizen-lead-confirmed = L'appuntamento è fissato per { $date } dalle ore { $from } alle ore { $to }.
citizen-lead-awaiting-payment = Teniamo per te l'orario di { $date } dalle ore { $from } alle ore { $to }: l'appuntamento è confermato quando arriva il pagamento.
citizen-lead-expired = Il pagamento non è arrivato in tempo e l'orario di { $date }, ore { $from } - { $to }, non è più tenuto per te.
citizen-lead-owed-time = Il pagamento è arrivato quando l'orario di { $date }, ore { $from } - { $to }, era già stato dato a un'altra persona.
citizen-lead-cancelled = L'appuntamento di { $date }, ore { $from } - { $to }, è stato annullato: non devi presentarti.
citizen-lead-other = { $date }, ore { $from } - { $to }
citizen-state-held = Da completare
citizen-state-awaiting_payment = In attesa di pagamento
citizen-state-confirmed = Confermato
citizen-state-arrived = In sala d'attesa
citizen-state-called = Allo sportello
citizen-state-served = Concluso
citizen-state-no_show = Non ti sei presentato
citizen-state-cancelled = Annullato
citizen-state-expired = Scaduto
citizen-mailed = Ti scriviamo gli aggiornamenti all'indirizzo
citizen-your-appointment = Il tuo appuntamento
citizen-code = Codice della prenotazione
citizen-when = Quando
citizen-calendar = Aggiungi al tuo calendario
citizen-calendar-add = Scarica l'evento per Outlook, Google Calendar o iCloud
citizen-cannot-come = Non puoi venire?
citizen-cannot-come-text = Sposta o disdici l'appuntamento: il tuo posto servirà a un'altra persona.
citizen-move = Sposta l'appuntamento
citizen-cancel = Disdici l'appuntamento
citizen-book-again = Prenota di nuovo
citizen-cancel-reason = Motivo dell'annullamento
citizen-back-to-it = Torna all'appuntamento
citizen-open-appointment = Vedi l'appuntamento

citizen-move-title = Sposta l'appuntamento
citizen-move-now = Ora il tuo appuntamento è:
citizen-move-keeps = Resta valido finché non confermi il nuovo orario.
citizen-owed-time = Il pagamento resta valido: scegli un altro orario, non devi pagare di nuovo.
citizen-choose-another = Scegli l'orario
citizen-move-confirm = Conferma il nuovo orario
citizen-cancel-title = Disdici l'appuntamento
citizen-cancel-lead = Se confermi, l'appuntamento è annullato e l'orario torna disponibile per gli altri.
citizen-cancel-paid = Hai già pagato. La disdetta non restituisce da sola quanto hai versato: per il rimborso scrivi al Comune indicando il codice della prenotazione.
citizen-cancel-why = Perché disdici
citizen-cancel-why-help = Facoltativo. Massimo 200 caratteri.
citizen-cancel-confirm = Conferma la disdetta

citizen-proposal-there = L'ufficio ti propone altri orari per questo appuntamento.
citizen-proposal-open = Vedi gli orari proposti
citizen-proposal-title = Scegli un altro orario
citizen-proposal-until = Ti proponiamo questi orari e li teniamo liberi per te fino a { $until }. Se non rispondi, resta valido l'appuntamento che hai.
citizen-proposal-message = Messaggio dell'ufficio
citizen-proposal-legend = Orari proposti
citizen-proposal-keep = Nessuno di questi: tengo { $at }
citizen-proposal-send = Invia la risposta
citizen-proposal-stands = Il tuo appuntamento è:
citizen-proposal-expired = Il tempo per rispondere a questa proposta è scaduto: gli orari proposti non sono più tenuti per te.
citizen-proposal-accepted = Hai già scelto uno degli orari proposti.
citizen-proposal-declined = Hai già risposto che tieni il tuo orario.
citizen-proposal-withdrawn = Questa proposta non è più valida: l'ufficio l'ha ritirata o l'appuntamento è cambiato.

# Pagamenti.
citizen-payment = Pagamento
citizen-payment-what = Causale
citizen-payment-by = Da pagare entro
citizen-payment-in-advance = Se il pagamento non arriva in tempo, l'orario torna disponibile per gli altri. Se hai appena pagato, la conferma può richiedere qualche minuto.
citizen-payment-about = Grazie all'integrazione con la piattaforma pagoPA, puoi completare i tuoi pagamenti verso la Pubblica Amministrazione in modo semplice e immediato. Potrai inoltre scegliere il gestore della transazione (PSP) a te più conveniente.
citizen-payment-cancelled = Non è più da pagare.
citizen-payment-done = Il pagamento è arrivato.
citizen-pay-now = Paga ora
citizen-paid = Pagato
citizen-not-due = Non dovuto
citizen-notice-open = Scarica l'avviso
citizen-notice-title = Avviso di pagamento
citizen-notice-how = Puoi pagare con questo avviso in banca, alla posta, dal tabaccaio, con l'app IO o dal sito della tua banca: mostra il codice QR o scrivi il codice dell'avviso.
citizen-notice-creditor = Ente creditore
citizen-notice-debtor = Destinatario
citizen-notice-number = Codice dell'avviso
citizen-notice-qr = Codice QR per pagare
citizen-print = Per conservarlo, stampa questa pagina o salvala come PDF.
citizen-receipt-open = Vedi la ricevuta
citizen-receipt-title = Ricevuta di pagamento
citizen-receipt-paid-at = Data e ora del pagamento
citizen-receipt-applied-on = Data di applicazione
citizen-receipt-amount = Importo
citizen-receipt-description = Causale
citizen-receipt-entity = Ente creditore
citizen-receipt-entity-code = Codice fiscale dell'ente
citizen-receipt-payer = Pagato da
citizen-receipt-psp = Prestatore del servizio di pagamento
citizen-receipt-iuv = Identificativo univoco di versamento (IUV)
citizen-receipt-iur = Identificativo della ricevuta
citizen-leaving-title = Vai al pagamento
citizen-leaving = Ti stiamo portando alle pagine di pagamento di pagoPA. Quando hai finito torni qui.
citizen-leaving-link = Vai al pagamento
citizen-return-paid-title = Pagamento ricevuto
citizen-return-paid = Abbiamo la ricevuta: il pagamento è andato a buon fine.
citizen-return-sent-title = Stiamo aspettando la ricevuta
citizen-return-sent = Hai completato il pagamento. Appena arriva la ricevuta lo confermiamo: di solito bastano pochi secondi, a volte qualche minuto. Non pagare di nuovo.
citizen-return-waiting-title = L'esito non è ancora noto
citizen-return-waiting = La piattaforma di pagamento non ci ha ancora detto com'è andata. Non pagare di nuovo: se la ricevuta arriva, aggiorniamo l'appuntamento e ti avvisiamo.
citizen-return-cancelled-title = Pagamento interrotto
citizen-return-cancelled = Hai interrotto il pagamento e non ti è stato addebitato nulla. Puoi riprovare dalla pagina dell'appuntamento, o pagare con l'avviso.
citizen-return-failed-title = Il pagamento non è riuscito
citizen-return-failed = La piattaforma di pagamento non ha completato l'operazione. Puoi riprovare dalla pagina dell'appuntamento, o pagare con l'avviso.
citizen-return-withdrawn-title = Non è più da pagare
citizen-return-withdrawn = Questo pagamento non è più dovuto: l'appuntamento è stato annullato, spostato o è scaduto.
citizen-return-looking = La pagina si aggiorna da sola.
citizen-return-link = Se hai prenotato senza accedere, riapri l'appuntamento dal collegamento che ti abbiamo inviato.

# Area personale.
citizen-area-lead = Ciao { $name }, qui trovi i tuoi appuntamenti, i pagamenti e i messaggi che ti abbiamo inviato.
citizen-area-upcoming = I miei appuntamenti
citizen-area-no-upcoming = Non hai appuntamenti in programma.
citizen-area-past = Appuntamenti passati
citizen-area-payments = Pagamenti
citizen-area-no-payments = Non hai pagamenti legati ai tuoi appuntamenti.
citizen-area-messages = Messaggi
citizen-area-no-messages = Non ti abbiamo ancora inviato messaggi.
citizen-message-confirmed = Appuntamento confermato
citizen-message-moved = Appuntamento spostato
citizen-message-cancelled = Appuntamento annullato
citizen-message-proposed = Proposta di un altro orario
citizen-message-proposal_accepted = Nuovo orario accettato
citizen-message-proposal_declined = Orario di prima confermato
citizen-message-proposal_withdrawn = Proposta ritirata
citizen-message-proposal_expired = Proposta scaduta
citizen-message-payment_due = Avviso di pagamento
citizen-message-expired = Appuntamento non confermato: pagamento non arrivato
citizen-message-paid = Pagamento ricevuto
citizen-message-paid_without_time = Pagamento ricevuto, orario non più disponibile
citizen-message-paid_not_due = Pagamento non più dovuto
citizen-message-reminder = Promemoria dell'appuntamento
citizen-channel-app-io = App IO
citizen-channel-email = E-mail a { $address }
citizen-channel-under-way = { $channel } (in corso di invio)

# Informativa privacy.
citizen-privacy-own = Leggi l'informativa completa sul sito del Comune
citizen-privacy-who-title = Chi tratta i tuoi dati
citizen-privacy-who = Il titolare del trattamento è { $whole }. Per esercitare i tuoi diritti o avere i contatti del responsabile della protezione dei dati scrivi a { $contact }.
citizen-privacy-what-title = Quali dati
citizen-privacy-what =
    Per prenotare usiamo nome, cognome, e-mail e, se li dai, telefono e codice fiscale; se accedi con SPID o CIE, i dati anagrafici ce li comunica il tuo gestore di identità digitale. Usiamo anche il motivo dell'appuntamento e quello che scrivi nel modulo del servizio.

    Se c'è qualcosa da pagare, usiamo i dati dell'avviso e della ricevuta di pagoPA. Non vediamo e non conserviamo i dati della tua carta o del tuo conto.
citizen-privacy-why-title = Perché
citizen-privacy-why =
    Per gestire l'appuntamento, preparare la pratica, avvisarti dei cambiamenti e registrare i pagamenti: sono compiti di interesse pubblico del Comune (articolo 6, paragrafo 1, lettera e, del Regolamento UE 2016/679) e obblighi di legge (lettera c).

    I dati sono conservati per il tempo previsto dalle norme sulla documentazione amministrativa e contabile.
citizen-privacy-whom-title = A chi li comunichiamo
citizen-privacy-whom = Ai gestori dei servizi che usiamo per fornirti il nostro: il tuo gestore di identità digitale per l'accesso, pagoPA per i pagamenti, App IO e la posta elettronica per i messaggi. Non li usiamo per pubblicità e non li vendiamo.
citizen-privacy-rights-title = I tuoi diritti
citizen-privacy-rights = Puoi chiedere di vedere i tuoi dati, correggerli, cancellarli o limitarne l'uso, e opporti al trattamento (articoli 15 e seguenti del Regolamento UE 2016/679), scrivendo a { $contact }. Se ritieni che i tuoi diritti siano stati violati puoi rivolgerti al Garante per la protezione dei dati personali.
citizen-privacy-cookies-title = Cookie
citizen-privacy-cookies = Usiamo solo cookie tecnici di questo sito: uno tiene aperta la tua visita e scade quando chiudi il browser, uno ricorda la lingua che hai scelto. Non servono consensi e non ci sono cookie di altri.

# Note legali.
citizen-legal-licence-title = Licenza dei contenuti
citizen-legal-licence = In applicazione del principio open by default ai sensi dell’articolo 52 del decreto legislativo 7 marzo 2005, n. 82 (CAD) e salvo dove diversamente specificato (compresi i contenuti incorporati di terzi), i dati, i documenti e le informazioni pubblicati sul sito sono rilasciati con licenza CC-BY 4.0. Gli utenti sono quindi liberi di condividere (riprodurre, distribuire, comunicare al pubblico, esporre in pubblico), rappresentare, eseguire e recitare questo materiale con qualsiasi mezzo e formato e modificare (trasformare il materiale e utilizzarlo per opere derivate) per qualsiasi fine, anche commerciale con il solo onere di attribuzione, senza apporre restrizioni aggiuntive.
citizen-legal-use-title = Uso del servizio
citizen-legal-use = Le prenotazioni sono dichiarazioni rese a { $entity }: chi prenota risponde della verità di quello che scrive. I dati personali dei cittadini non sono dati aperti e non rientrano nella licenza.

# Accessibilità.
citizen-accessibility-title = Accessibilità
citizen-accessibility-own = Leggi la dichiarazione di accessibilità
citizen-accessibility-how-title = Come sono fatte queste pagine
citizen-accessibility-how = Tutte le pagine funzionano anche senza JavaScript, con la sola tastiera e con i lettori di schermo; i moduli dicono in parole che cosa c'è da correggere e non perdono quello che hai scritto.
citizen-accessibility-report-title = Segnala un problema
citizen-accessibility-report =
    Se qualcosa non è accessibile, scrivi a { $contact } dicendo quale pagina e che cosa non funziona.

    Se entro trenta giorni non ricevi risposta, o la risposta non ti soddisfa, puoi rivolgerti al Difensore civico per il digitale presso l'Agenzia per l'Italia Digitale (AgID).

# Domande frequenti.
citizen-faq-login-title = Devo avere SPID o CIE per prenotare?
citizen-faq-login = Dipende dal servizio: la sua scheda lo dice. Quando serve, accedi durante la prenotazione, dopo aver scelto giorno e orario: non perdi nulla di quello che hai già scelto.
citizen-faq-hold-title = Per quanto tempo tenete l'orario che ho scelto?
citizen-faq-hold = Quando scegli un orario lo teniamo per te per il tempo scritto nella pagina, così puoi completare i dati. Se il tempo scade scegli di nuovo: quello che hai scritto resta.
citizen-faq-no-times-title = Non ci sono orari liberi: che cosa posso fare?
citizen-faq-no-times = Guarda se per lo stesso servizio riceve anche un altro ufficio e riprova nei giorni successivi: si liberano posti ogni volta che qualcuno disdice e si aprono nuove giornate. Per un'urgenza chiama l'ufficio.
citizen-faq-change-title = Come sposto o disdico un appuntamento?
citizen-faq-change = Dalla pagina dell'appuntamento: la trovi nell'area personale o nel collegamento che hai ricevuto per e-mail. Per ogni servizio c'è un limite di tempo prima dell'appuntamento; dopo, chiama l'ufficio.
citizen-faq-pay-title = Come si paga?
citizen-faq-pay = Con pagoPA: subito dal sito, con carta, conto o app, oppure con l'avviso in banca, alla posta, dal tabaccaio o con l'app IO. Se il servizio si paga in anticipo, l'appuntamento è confermato quando arriva il pagamento.
citizen-faq-receipt-title = Ho pagato ma l'appuntamento risulta ancora da pagare
citizen-faq-receipt = La ricevuta arriva di solito in pochi secondi, ma può richiedere qualche minuto. Non pagare di nuovo: quando la riceviamo aggiorniamo la pagina e ti avvisiamo. Un pagamento non va mai perso, nemmeno se arriva in ritardo.
citizen-faq-messages-title = Come ricevo la conferma?
citizen-faq-messages = Per e-mail, con il promemoria e l'evento per il calendario, e sull'app IO se la usi. Trovi tutto anche nell'area personale.
citizen-faq-other-title = Non ho trovato la risposta
citizen-faq-other = Scrivi a { $contact } o chiama { $entity }: i contatti sono in fondo alla pagina.

# Che cosa è stato appena fatto.
done-appointment-moved = L'appuntamento è stato spostato: qui trovi il nuovo orario.
done-appointment-cancelled = L'appuntamento è stato annullato.
done-proposal-accepted = Il nuovo orario è confermato.
done-proposal-declined = Hai tenuto il tuo orario: l'appuntamento resta valido.

# Campi.
field-choose_place = Scegli un ufficio
field-choose_time = Scegli un giorno e un orario
field-choose_reason = Scegli il motivo dell'appuntamento
field-answer_missing = Rispondi alla domanda «{ $detail }»
field-details_missing = Scrivi il motivo dell'appuntamento
field-name_missing = Scrivi il nome
field-family_name_missing = Scrivi il cognome
field-fiscal_code_missing = Scrivi il codice fiscale
field-email_missing = Scrivi l'indirizzo e-mail
