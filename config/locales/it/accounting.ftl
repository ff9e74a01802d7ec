# Le pagine della contabilità.

accounting-section-entries = Provvisori
accounting-section-import = Importa
accounting-section-flows = Flussi pagoPA
accounting-section-receipts = Ricevute
accounting-section-books = Conti

# Elenco di lavoro.
accounting-title = Provvisori di entrata
accounting-total-open = Da regolarizzare
accounting-total-open-n = { $n ->
    [0] Nessun provvisorio
    [one] 1 provvisorio
   *[other] { $n } provvisori
}
accounting-total-overdue = { $n ->
    [one] 1 oltre i 60 giorni
   *[other] { $n } oltre i 60 giorni
}
accounting-total-transit = In transito
accounting-total-transit-about = { $n ->
    [0] Tutto il pagato è in tesoreria
    [one] 1 pagamento non ancora in tesoreria
   *[other] { $n } pagamenti non ancora in tesoreria
}
accounting-total-flows = Flussi senza accredito
accounting-total-flows-n = { $n ->
    [0] Ogni flusso ha il suo accredito
    [one] 1 flusso rendicontato, il bonifico non risulta
   *[other] { $n } flussi rendicontati, i bonifici non risultano
}
accounting-total-unidentified = Da identificare
accounting-total-unidentified-about = { $n ->
    [0] Ogni somma corrisponde a qualcosa di noto
    [one] 1 somma a cui non corrisponde nulla di noto
   *[other] { $n } somme a cui non corrisponde nulla di noto
}
accounting-last-journal = Ultimo giornale di cassa: del { $day }, importato il { $at }.
accounting-no-journal = Nessun giornale di cassa importato finora.
accounting-last-fetch = Ultimo scarico dei flussi da pagoPA: { $at }.
accounting-no-fetch = I flussi pagoPA non sono ancora stati scaricati.
accounting-import-go = Importa giornale e flussi
accounting-incomplete = { $n ->
    [one] Manca almeno una pagina di un giornale di cassa.
   *[other] Mancano pagine di { $n } giornali di cassa.
}
accounting-entries = Provvisori
accounting-views = Quali provvisori mostrare
accounting-view-open = Da regolarizzare
accounting-view-differing = Con differenze
accounting-view-regularised = Regolarizzati
accounting-view-all = Tutti
accounting-search = Numero, IUV, flusso o versante
accounting-search-flow = Flusso o numero del bonifico
accounting-search-go = Cerca
accounting-found-payment = Esiste un pagamento con questo IUV:
accounting-found-flows = Flussi trovati
accounting-empty-new = Per cominciare, importa il giornale di cassa che ricevi dal tesoriere: i provvisori di entrata dei pagamenti pagoPA compariranno qui.
accounting-empty-open = Nessun provvisorio da regolarizzare. Quando il tesoriere invia un nuovo giornale di cassa, importalo.
accounting-empty-differing = Nessun provvisorio con differenze.
accounting-empty-other = Nessun provvisorio.
accounting-empty-search = Nessun risultato per «{ $text }».
accounting-cut = L'elenco è lungo e ne è mostrata solo una parte: usa la ricerca per restringerlo.
accounting-all-payers = Mostra anche i provvisori che non riguardano pagoPA
accounting-only-pagopa = Mostra solo i provvisori di pagoPA
accounting-missing = Che cosa manca
accounting-missing-nothing = Non manca nulla: ogni flusso ha il suo accredito e ogni pagamento il suo flusso.
accounting-missing-flows = Flussi senza provvisorio o con differenze
accounting-missing-payments = Pagamenti che attendono da troppo tempo o con differenze
accounting-days-ago = { $n ->
    [one] 1 giorno fa
   *[other] { $n } giorni fa
}

# Colonne e dati.
accounting-entry = Provvisorio
accounting-booked-on = Data
accounting-value-on = Valuta
accounting-payer = Versante
accounting-covers = Riguarda
accounting-state = Stato
accounting-deadline = Scadenza
accounting-amount = Importo
accounting-difference = Differenza
accounting-flow = Flusso
accounting-psp = Prestatore di servizi (PSP)
accounting-payments = Pagamenti
accounting-says = Esito della riconciliazione
accounting-not-found-yet = Non ancora trovato:
accounting-due-on = entro il { $day }
accounting-who-paid = Pagatore
accounting-paid-at = Pagato il
accounting-for = Servizio
accounting-how-far = Stato
accounting-receipt = Ricevuta
accounting-appointment = Appuntamento
accounting-total = Totale
accounting-days-over = { $n ->
    [one] Scaduto da 1 giorno
   *[other] Scaduto da { $n } giorni
}
accounting-days-today = Scade oggi
accounting-days-left = { $n ->
    [one] Manca 1 giorno
   *[other] Mancano { $n } giorni
}
accounting-entry-open = Da regolarizzare
accounting-entry-partly = Regolarizzato in parte
accounting-entry-sent = Piano inviato
accounting-entry-regularised = Regolarizzato
accounting-entry-cancelled = Stornato
accounting-payment-paid = Pagato
accounting-payment-reported = Rendicontato
accounting-payment-cashed = Incassato
accounting-payment-regularised = Regolarizzato

# Importa.
accounting-import-title = Importa
accounting-import-no-file = Scegli almeno un file.
accounting-import-results = Esito
accounting-import-to-list = Vai ai provvisori
accounting-import-new = Importato
accounting-import-already = Già presente
accounting-import-refused = Rifiutato
accounting-import-journal = Giornale di cassa
accounting-import-journal-about = Il file XML (OPI) che il tesoriere mette a disposizione ogni giorno. Se è diviso in più pagine, caricale insieme o in momenti diversi, in qualsiasi ordine: lo stesso file caricato due volte non cambia nulla.
accounting-import-journal-go = Importa il giornale
accounting-import-files = File XML, anche più di uno
accounting-import-flow = Hai un flusso in un file?
accounting-import-flow-about = Carica un FlussoRiversamento in XML, per esempio uno più vecchio di 30 giorni che pagoPA non espone più.
accounting-import-flow-files = File FlussoRiversamento
accounting-import-flow-go = Importa il flusso
accounting-import-journal-already = Questo file era già stato importato: non è cambiato nulla.
accounting-import-entries = { $n ->
    [0] Nessun provvisorio di entrata in questo file.
    [one] 1 provvisorio di entrata nuovo o aggiornato.
   *[other] { $n } provvisori di entrata nuovi o aggiornati.
}
accounting-import-page = Pagina { $page } di { $pages }: il giornale è completo quando ci sono tutte.
accounting-import-flow-new = Il flusso è stato importato e riconciliato.
accounting-import-flow-older = Il flusso è stato conservato, ma ne esiste una revisione più recente: vale quella.
accounting-import-flow-already = Questo flusso era già presente: non è cambiato nulla.
accounting-whole-journal = complessivo
accounting-finding-balance = Da verificare con il tesoriere: il saldo del conto { $account } non torna, differenza { $difference }.
accounting-finding-repeated = Da verificare con il tesoriere: il movimento { $number } del conto { $account } è ripetuto.
accounting-finding-period = Da verificare con il tesoriere: la fine del periodo precede l'inizio.
accounting-fetch-title = Flussi di rendicontazione
accounting-fetch-about = I flussi si scaricano da soli ogni mezz'ora. Puoi anche chiederli subito.
accounting-fetch-go = Scarica ora i flussi da pagoPA
accounting-fetch-name = Scarico dei flussi da pagoPA
accounting-fetch-done = Completato
accounting-fetch-failed-badge = Non completato
accounting-fetch-failed = pagoPA non ha risposto come previsto. Quello che è arrivato è stato conservato; il resto sarà richiesto di nuovo automaticamente.
accounting-fetch-came = { $n ->
    [0] Nessun flusso nuovo.
    [one] È arrivato 1 flusso nuovo.
   *[other] Sono arrivati { $n } flussi nuovi.
}
accounting-journals = Giornali di cassa importati
accounting-journals-empty = Nessun giornale di cassa importato: carica il primo qui sopra.
accounting-journal-day = Giornata
accounting-journal-name = Identificativo del tesoriere
accounting-journal-page = Pagina
accounting-journal-movements = Movimenti
accounting-journal-incomplete = Mancano pagine
accounting-imported-at = Importato il

# Un provvisorio e il suo piano.
accounting-entry-title = Provvisorio { $number }/{ $year }
accounting-plan = Piano di regolarizzazione
accounting-plan-csv = Scarica il piano (CSV)
accounting-detail-csv = Scarica il dettaglio (CSV)
accounting-plan-not-seen = Il piano è cambiato dopo che hai aperto questa pagina: non è stato segnato come inviato. Controlla che cosa è cambiato, scarica di nuovo i file e poi segnalo come inviato.
accounting-plan-before = Prima
accounting-plan-now = Ora
accounting-mark-sent = Segna come inviato alla contabilità
accounting-plan-sent-at = Piano inviato alla contabilità il { $at }
accounting-open-all = Apri tutti i pagamenti
accounting-close-all = Chiudi tutti i pagamenti
accounting-year = Esercizio
accounting-chapter = Capitolo/articolo
accounting-assessment = Accertamento
accounting-codes = Piano dei conti · SIOPE
accounting-nature = Natura
accounting-own = Entrata propria
accounting-third-party = Conto terzi / partite di giro
accounting-of-which = di cui
accounting-other-year = Altro esercizio
accounting-other-year-alert = Alcune quote sono di un esercizio diverso dal { $year } del provvisorio: decidi se regolarizzarle in competenza o a residui.
accounting-row-payments = { $n ->
    [one] 1 pagamento
   *[other] { $n } pagamenti
}
accounting-balances = Pareggia con il provvisorio
accounting-does-not-balance = Non pareggia con il provvisorio
accounting-as-said = Dati del tesoriere
accounting-remittance = Causale
accounting-read = Letto nella causale
accounting-read-flow = Flusso { $id }
accounting-read-flow-prefix = Inizio di un flusso, troncato dalla banca: { $id }
accounting-read-iuv = IUV { $id }
accounting-read-iuv-prefix = Inizio di uno IUV, troncato dalla banca: { $id }
accounting-read-nothing = Nessun riferimento a pagoPA
accounting-certainty = Certezza della lettura
accounting-certainty-exact = Certa: il riferimento è scritto per intero
accounting-certainty-inferred = Da confermare: il riferimento è stato ricostruito
accounting-certainty-none = Nessuna
accounting-end-to-end = Riferimento del bonifico (end-to-end)
accounting-operation = Riferimento dell'operazione
accounting-covered = Già regolarizzato con reversali
accounting-entry-flow = Flusso di rendicontazione
accounting-siblings = Altri provvisori dello stesso flusso
accounting-movements = Movimenti del tesoriere
accounting-movement-number = movimento { $number }
accounting-change-entry-opened = provvisorio aperto
accounting-change-entry-cancelled = provvisorio stornato
accounting-change-entry-regularised = provvisorio regolarizzato
accounting-change-entry-reopened = provvisorio ripristinato
accounting-change-order-opened = aperto da un ordinativo
accounting-change-order-cancelled = annullato da un ordinativo
accounting-change-order-regularised = coperto da una reversale
accounting-change-order-reopened = reversale stornata
done-accounting-plan-sent = Il piano è segnato come inviato alla contabilità.

# Flussi.
accounting-flows-title = Flussi di rendicontazione
accounting-flows-lead = Ogni flusso è un bonifico cumulativo di un prestatore di servizi, con i pagamenti che contiene.
accounting-flows-empty = Nessun flusso. Arrivano da pagoPA il giorno lavorativo dopo i pagamenti: puoi anche scaricarli subito dalla sezione Importa.
accounting-flows-count = { $n ->
    [one] 1 flusso
   *[other] { $n } flussi
}
accounting-flow-title = Flusso { $flow }
accounting-flow-made = Data del flusso
accounting-regulation = Numero del bonifico (TRN)
accounting-regulation-on = Data del bonifico
accounting-revision = Revisione
accounting-revisions = Revisioni ricevute
accounting-revision-counts = È quella che vale
accounting-declared-count = Pagamenti dichiarati
accounting-declared-total = Totale dichiarato
accounting-flow-superseded = Questa revisione è stata sostituita: i pagamenti qui sotto sono quelli della revisione che vale.
accounting-flow-no-entry = Nessun provvisorio copre questo flusso. Il bonifico arriva di solito il giorno lavorativo dopo il pagamento: importa il giornale di cassa aggiornato.
accounting-flow-entries = Provvisori che lo coprono
accounting-flow-imbalance = I provvisori e i pagamenti del flusso differiscono di { $amount }.
accounting-flow-rows = { $n ->
    [one] 1 pagamento, totale { $total }
   *[other] { $n } pagamenti, totale { $total }
}
accounting-flow-awaited = In attesa del flusso
accounting-finding-count-differs = Il flusso dichiara { $declared } pagamenti ma ne contiene { $found }.
accounting-finding-total-differs = Il flusso dichiara { $declared } ma i suoi pagamenti sommano { $found }.
accounting-finding-duplicate-row = La riga { $index } ripete la riga { $first }.
accounting-finding-unknown-outcome = La riga { $index } ha un esito che lo schema non prevede.

# Un pagamento.
accounting-payment-title = Pagamento { $iuv }
accounting-step-position = 1. Posizione debitoria
accounting-step-receipt = 2. Ricevuta telematica
accounting-step-flow = 3. Flusso di rendicontazione
accounting-step-entry = 4. Provvisorio di entrata
accounting-step-plan = 5. Piano di regolarizzazione
accounting-position-about = Avviso { $nav }, emesso il { $at }
accounting-receipt-about = Ricevuta { $iur }, arrivata il { $at }
accounting-no-position = Nessuna posizione di questo servizio ha questo IUV.
accounting-no-receipt = Nessuna ricevuta: il pagamento non risulta eseguito.
accounting-no-flow = Nessun flusso lo riporta ancora. I flussi arrivano di norma entro due giorni lavorativi.
accounting-no-entry = Il tesoriere non ha ancora comunicato l'accredito.
accounting-plan-there = Il pagamento è nel piano del provvisorio qui sopra.
accounting-no-plan = Il piano si compone quando arriva il provvisorio.

# Ricevute.
accounting-receipts-title = Ricevute per giorno
accounting-receipts-empty = Nessun pagamento in questo giorno.
accounting-receipts-count = { $n ->
    [one] 1 ricevuta
   *[other] { $n } ricevute
}
accounting-days = Giorni
accounting-day = Giorno
accounting-show = Mostra
accounting-hour = Ora

# Conti.
accounting-books-title = Conti di controllo
accounting-books-lead = La partita doppia dei pagamenti: ogni somma pagata deve uscire dal transito ed entrare in tesoreria.
accounting-books-empty = I conti sono vuoti: si muovono con la prima posizione debitoria.
accounting-books-caption = Saldi (dare positivo, avere negativo)
accounting-account = Conto
accounting-meaning = Significato
accounting-open-items = Partite aperte
accounting-balance = Saldo
accounting-subject = Partita
accounting-at-zero = Nessuna partita aperta.
accounting-account-income = Ricavi
accounting-account-receivable = Crediti verso cittadini
accounting-account-in-transit = In transito
accounting-account-treasury = Tesoreria
accounting-account-unidentified = Da identificare
accounting-account-elsewhere = Altri sistemi
accounting-meaning-income = Quanto è stato chiesto con le posizioni debitorie
accounting-meaning-receivable = Quanto i cittadini devono ancora pagare
accounting-meaning-in-transit = Pagato, non ancora accreditato in tesoreria: deve tornare a zero
accounting-meaning-treasury = Accreditato, per provvisorio
accounting-meaning-unidentified = Somme che non si spiegano ancora: deve tornare a zero
accounting-meaning-elsewhere = Incassato per avvisi di altri sistemi del Comune, che lo regolarizzano con i propri dati

# Le etichette della riconciliazione.
accounting-label-rt-iuf-tes = Riconciliato
accounting-label-rt-tes = Riconciliato (pagamento singolo)
accounting-label-rt-iuf = Rendicontato, non ancora accreditato
accounting-label-rt-no-iuf = Pagato, manca il flusso
accounting-label-other-intermediary = Pagamento di un altro intermediario
accounting-label-iur-differs = Identificativo di riscossione diverso
accounting-label-other-year = Quota di un altro esercizio
accounting-label-tes-inferred = Abbinato per deduzione
accounting-label-iuf-no-tes = Flusso senza accredito
accounting-label-rt-no-position = Ricevuta senza posizione
accounting-label-rt-pos-div-imp = Pagato un importo diverso dal dovuto
accounting-label-rt-iuf-div-imp = Importo del flusso diverso dalla ricevuta
accounting-label-iuf-tes-div-imp = Accredito diverso dal flusso
accounting-label-iuv-no-rt = Nel flusso, senza ricevuta
accounting-label-iuv-no-rpt = Pagato, la ricevuta non arriverà
accounting-label-doppi = Pagato più volte
accounting-label-revoked = Pagamento revocato
accounting-label-unknown-outcome = Esito sconosciuto
accounting-label-flow-does-not-add-up = Il flusso non quadra
accounting-label-plan-changed = Piano cambiato dopo l'invio
accounting-label-tes-stornato = Stornato dal tesoriere
accounting-label-tes-no-iuf-or-iuv = Causale senza riferimenti pagoPA
accounting-label-tes-no-match = Flusso o pagamento non ancora arrivato
accounting-label-tes-ambiguous = Possibili più flussi

# Che cosa fare.
accounting-advice-other-intermediary = L'avviso è stato emesso da un altro sistema del Comune: la quota va regolarizzata con i suoi dati.
accounting-advice-rt-no-position = Nessuna posizione ha questo IUV: verifica con chi ha emesso l'avviso.
accounting-advice-rt-pos-div-imp = Controlla la ricevuta: l'importo pagato non è quello della posizione.
accounting-advice-rt-iuf-div-imp = Chiedi chiarimenti al prestatore di servizi: la ricevuta e il flusso dicono importi diversi.
accounting-advice-iuf-tes-div-imp = Un accredito può arrivare in più bonifici: attendi o importa i giornali di cassa successivi. Se non arriva, chiedi al prestatore di servizi.
accounting-advice-iuv-no-rt = La ricevuta può arrivare in ritardo. Se non arriva, chiedila a pagoPA indicando lo IUV.
accounting-advice-iuv-no-rpt = L'esito del flusso (8 o 9) dice che la ricevuta non arriverà: chiedi al prestatore di servizi la prova del pagamento e considera pagato l'avviso. Se c'è un appuntamento, lo sportello è stato avvisato.
accounting-advice-doppi = Lo stesso avviso risulta pagato più volte: valuta il rimborso al cittadino.
accounting-advice-revoked = Il prestatore di servizi ha revocato il pagamento: la somma è stata tolta.
accounting-advice-unknown-outcome = Chiedi al prestatore di servizi che cosa significa l'esito di questa riga.
accounting-advice-flow-does-not-add-up = Chiedi al prestatore di servizi una revisione del flusso.
accounting-advice-plan-changed = Il piano è cambiato dopo l'invio: confrontalo con quello già usato, poi invialo di nuovo.
accounting-advice-tes-stornato = Il tesoriere ha stornato questo provvisorio: non c'è nulla da regolarizzare.
accounting-advice-tes-no-iuf-or-iuv = La causale non nomina pagoPA: identifica la somma con il tesoriere.
accounting-advice-tes-no-match = Il flusso o il pagamento di questo accredito non è ancora arrivato: scarica i flussi da pagoPA, poi ricontrolla.
accounting-advice-tes-ambiguous = La causale è troncata e più flussi hanno importo e data compatibili: chiedi al tesoriere la causale completa.
