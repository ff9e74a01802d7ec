// The citizen: books, pays now or later, is told.
import assert from 'node:assert/strict';
import { logInAs, next, until, visitor } from '../world.mjs';

const CIE = "Carta d'identità elettronica";

/** Chooses one of the last times on the page, so that there is time left to change it. */
async function choosesALateTime(page, fromTheEnd = 0) {
  await page.locator('main details:not([open]) summary').last().click();
  const times = page.locator('label').filter({ has: page.locator('input[name="quando"]') });
  await times.nth(await times.count() - 1 - fromTheEnd).click();
}

/** Opens a service and chooses an office and the last of the times it shows. */
async function choosesATime(page, base, service, office) {
  await page.goto(`${base}/`);
  await page.getByRole('link', { name: service }).first().click();
  await page.locator('[data-element="appointment-booking"]').first().click();
  await page.locator('label', { hasText: office }).first().click();
  await next(page);
  await choosesALateTime(page);
  await next(page);
}

/** Answers the questions of the identity card. */
async function answers(page) {
  await page.selectOption('#motivo', { label: 'Rinnovo per scadenza' });
  await page.locator('label', { hasText: 'È scaduta' }).click();
  await page.fill('[name="f.numero_carta"]', 'AV1234567');
  await next(page);
}

/** Confirms and stands before the payment; answers the address of the appointment. */
async function confirms(page) {
  await next(page);
  await page.getByRole('button', { name: 'Conferma e invia' }).click();
  assert.match(await page.title(), /Manca solo il pagamento/);
  return page.url();
}

export async function booksAndPays({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'cittadino', width);
  await page.goto(`${world.base}/`);
  await picture('servizi');
  await page.getByRole('link', { name: CIE }).first().click();
  await picture('servizio');
  await page.locator('[data-element="appointment-booking"]').first().click();

  await page.locator('label', { hasText: 'Palazzo comunale' }).first().click();
  await picture('luogo');
  await next(page);
  const times = page.locator('input[name="quando"]');
  assert.ok(await times.count() > 3, 'there are times to choose from');
  await page.locator('details[open] label, label').filter({ has: times }).nth(2).click();
  await picture('data-e-orario');
  await next(page);

  await page.selectOption('#motivo', { label: 'Rinnovo per scadenza' });
  await next(page);
  assert.match(await page.title(), /^Errore/, 'what is missing is named');
  await picture('dettagli-errore');
  await page.locator('label', { hasText: 'È scaduta' }).click();
  await page.fill('[name="f.numero_carta"]', 'AV1234567');
  await picture('dettagli');
  await next(page);

  await picture('richiedente-da-riconoscere');
  await page.locator('main').getByRole('link', { name: 'Accedi' }).first().click();
  await picture('accesso');
  await page.locator('main').getByText('Entra con SPID').first().click();
  await picture('fornitore');
  await logInAs(page, world, 'Giulia');
  assert.match(await page.locator('main').innerText(), /BNCGLI85A41D786E/, 'who logged in is filled in');
  await picture('richiedente');
  await next(page);
  assert.match(await page.locator('main').innerText(), /22,21/);
  await picture('riepilogo');
  await page.getByRole('button', { name: 'Conferma e invia' }).click();
  assert.match(await page.title(), /Manca solo il pagamento/);
  await picture('da-pagare');
  const appointment = page.url();

  await page.getByRole('link', { name: "Scarica l'avviso" }).click();
  assert.match(await page.locator('main').innerText(), /3010 \d{4} \d{4} \d{4} \d{2}/);
  await picture('avviso');
  await page.goto(appointment);
  await page.getByRole('button', { name: 'Paga ora' }).click();
  await page.waitForURL(/checkout/);
  await picture('checkout');
  await page.getByRole('button', { name: /^Paga/ }).first().click();
  await page.waitForURL(/ritorno/);
  await until(page, /Pagamento ricevuto/);
  await picture('pagato');
  await page.goto(appointment);
  assert.match(await page.title(), /confermato/i);
  await picture('confermato');
  await page.getByRole('link', { name: 'Vedi la ricevuta' }).click();
  await picture('ricevuta');
  await page.goto(`${world.base}/area-personale`);
  await picture('area-personale');
  await page.goto(`${appointment}?lingua=en`);
  await picture('in-inglese');

  await page.goto(`${world.summary.simulators.app_io}/#BNCGLI85A41D786E`);
  assert.match(await page.locator('body').innerText(), /Il tuo appuntamento/);
  await picture('app-io');
  await page.goto(world.summary.simulators.mail);
  await page.locator('a[href^="/messaggi/"]').first().click();
  await picture('e-mail');
  assert.deepEqual(problems, []);
  await close();
}

/** Refused at Checkout, cancelled there, slow there, then paid with the notice at a counter; another is given up. */
export async function paysInOtherWays({ world, browser, width }) {
  const { page, picture, problems, close } = await visitor(browser, 'pagamenti', width);
  await choosesATime(page, world.base, CIE, 'Palazzo comunale');
  await answers(page);
  await page.locator('main').getByRole('link', { name: 'Accedi' }).first().click();
  await page.locator('main').getByText('Entra con CIE').first().click();
  await logInAs(page, world, 'Niccolò');
  const appointment = await confirms(page);

  for (const [button, what] of [['Rifiuta', 'rifiutato'], ['Annulla', 'annullato']]) {
    await page.goto(appointment);
    await page.getByRole('button', { name: 'Paga ora' }).click();
    await page.waitForURL(/checkout/);
    await page.getByRole('button', { name: button }).click();
    await page.waitForURL(new RegExp(world.base));
    await picture(what);
    await page.goto(appointment);
    assert.match(await page.title(), /Manca solo il pagamento/, 'nothing is lost');
  }

  await page.getByRole('link', { name: "Scarica l'avviso" }).click();
  const [, notice] = (await page.locator('main').innerText()).match(/(3010 \d{4} \d{4} \d{4} \d{2})/);
  await page.goto(`${world.summary.simulators.platform}/psp`);
  await page.fill('#notice', notice.replaceAll(' ', ''));
  await page.fill('#creditor', '80001230541');
  await page.getByRole('button', { name: /Cerca/ }).click();
  await page.getByRole('button', { name: /^Paga/ }).click();
  await picture('pagato-in-tabaccheria');
  await page.goto(appointment);
  await until(page, /confermato/i);

  await page.getByRole('link', { name: /Sposta|Cambia/ }).first().click();
  await picture('sposta');
  await choosesALateTime(page, 1);
  await page.locator('main form[method="post"] button[type="submit"]').last().click();
  assert.match(await page.title(), /confermato|spostato/i);
  await picture('spostato');
  await page.getByRole('link', { name: /Annulla|Disdici/ }).first().click();
  await picture('disdici');
  await page.locator('main form[method="post"] button[type="submit"]').last().click();
  assert.match(await page.title(), /annullato/i);
  await picture('disdetto');
  await page.goto(`${world.base}/appuntamenti/NONESISTE`);
  await picture('non-trovato');
  assert.deepEqual(problems, []);
  await close();
}
