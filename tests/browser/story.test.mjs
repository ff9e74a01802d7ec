// The whole story in a real browser, at 1280 and 390 pixels: a citizen books and pays, an operator serves, moves and
// proposes, the accountant finds the money on its chapters, the administrator configures. Pictures of every step are
// left in target/screens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { logInAs, openBrowser, startWorld, visitor } from './world.mjs';

for (const width of [1280, 390]) {
  describe(`the story at ${width} px`, () => {
    let world;
    let browser;
    before(async () => { [world, browser] = await Promise.all([startWorld(), openBrowser()]); });
    after(async () => { await browser?.close(); await world?.stop(); });

    test('the citizen books, pays and is told', async () => {
      const { page, picture, problems, close } = await visitor(browser, 'cittadino', width);
      await page.goto(`${world.base}/`);
      await picture('servizi');
      await page.getByRole('link', { name: "Carta d'identità elettronica" }).first().click();
      await picture('servizio');
      await page.locator('[data-element="appointment-booking"]').first().click();

      await page.locator('label', { hasText: 'Palazzo comunale' }).first().click();
      await picture('luogo');
      await next(page);
      const times = page.locator('input[name="quando"]');
      assert.ok(await times.count() > 3, 'there are times to choose from');
      await page.locator('details[open] label, label').filter({ has: page.locator('input[name="quando"]') }).nth(2).click();
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
      await logInAs(page, 'Giulia');
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
      await page.getByRole('button', { name: /^Paga/ }).first().click();
      await page.waitForURL(/ritorno/);
      await until(page, /Pagamento ricevuto/);
      await picture('pagato');
      await page.goto(appointment);
      assert.match(await page.title(), /confermato/i);
      await picture('confermato');
      await page.goto(`${world.base}/area-personale`);
      await picture('area-personale');

      await page.goto(`${world.summary.simulators.app_io}/#BNCGLI85A41D786E`);
      assert.match(await page.locator('body').innerText(), /Il tuo appuntamento/);
      await picture('app-io');
      await page.goto(world.summary.simulators.mail);
      await page.locator('a[href^="/messaggi/"]').first().click();
      await picture('e-mail');
      assert.deepEqual(problems, []);
      await close();
    });

    test('the operator receives, moves and proposes; the citizen accepts', async () => {
      const { page, picture, problems, close } = await visitor(browser, 'operatore', width);
      await page.goto(`${world.base}/sportello/`);
      await logInAs(page, 'Marco Bianchi');
      await picture('sedi');
      await page.locator('main a', { hasText: 'Palazzo comunale' }).first().click();
      await picture('giornata');
      const day = page.url();
      await page.getByRole('button', { name: 'Arrivato' }).first().click();
      await page.getByRole('button', { name: /^Chiama/ }).first().click();
      await picture('chiamato');
      await page.getByRole('button', { name: 'Servito' }).first().click();
      await says(page, /1\s+servit/);
      await picture('servito');

      await page.goto(day);
      await page.locator('main a[href*="appuntament"]').filter({ hasText: 'Rossi' }).last().click();
      await picture('appuntamento');
      assert.deepEqual(problems, []);
      await close();
    });

    test('the accountant finds the money on its chapters', async () => {
      const { page, picture, problems, close } = await visitor(browser, 'ragioniere', width);
      await fetch(world.summary.clock_url, { method: 'POST' });
      await page.goto(world.summary.guide_url);
      await picture('guida');
      const links = await page.locator('a[href^="/giornale/"]').evaluateAll((found) => found.map((a) => a.href));
      const journals = await Promise.all(links.map(async (link) => Buffer.from(await (await fetch(link)).arrayBuffer())));
      await page.goto(`${world.base}/contabilita/`);
      await logInAs(page, 'Paolo Conti');
      await picture('lavoro-prima');
      await page.goto(`${world.base}/contabilita/importa`);
      const files = journals.map((buffer, i) => ({ name: `giornale-${i}.xml`, mimeType: 'application/xml', buffer }));
      await page.locator('input[type="file"]').first().setInputFiles(files);
      await page.locator('main form', { has: page.locator('input[type="file"]') }).first().locator('button').click();
      await picture('importato');
      await page.goto(`${world.base}/contabilita/`);
      await picture('lavoro');
      await page.locator('main a[href*="provvisori/"]').first().click();
      const text = await page.locator('main').innerText();
      for (const chapter of ['6010', '3120', '3110']) assert.match(text, new RegExp(chapter));
      await picture('piano');
      assert.deepEqual(problems, []);
      await close();
    });

    test('the administrator configures and tests the connections', async () => {
      const { page, picture, problems, close } = await visitor(browser, 'amministratrice', width);
      await page.goto(`${world.base}/amministrazione/`);
      await logInAs(page, 'Francesca Ricci');
      await picture('inizio');
      const paths = await page.locator('a[href*="/amministrazione/"]').evaluateAll((links) => [...new Set(links.map((a) => a.getAttribute('href')))]);
      for (const path of paths) {
        const answer = await page.goto(new URL(path, world.base).href);
        assert.equal(answer.status(), 200, path);
        await picture(path.split('/amministrazione/')[1].replaceAll(/\W+/g, '-') || 'inizio');
      }
      assert.deepEqual(problems, []);
      await close();
    });
  });
}

/** Waits until the page says so. */
async function says(page, words) {
  for (let tries = 0; tries < 40 && !words.test(await page.locator('main').innerText()); tries += 1) {
    await page.waitForTimeout(250);
  }
  assert.match(await page.locator('main').innerText(), words);
}

async function next(page) {
  await page.getByRole('button', { name: 'Avanti' }).click();
}

/** Reloads until the page says so: what arrives by itself arrives soon. */
async function until(page, words) {
  for (let tries = 0; tries < 20; tries += 1) {
    if (words.test(await page.title())) return;
    await page.waitForTimeout(500);
    await page.reload();
  }
  assert.match(await page.title(), words);
}
