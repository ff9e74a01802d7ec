// The whole story in a real browser, at 1280 and 390 pixels: the administrator configures a new service, citizens book
// it and pay in every way there is, the operator serves, moves, inserts and proposes, the accountant finds the money
// on its chapters. Pictures of every step are left in target/screens.
import { after, before, describe, test } from 'node:test';
import * as accountant from './story/accountant.mjs';
import * as administrator from './story/administrator.mjs';
import * as citizen from './story/citizen.mjs';
import * as operator from './story/operator.mjs';
import { forgetPictures, openBrowser, startWorld } from './world.mjs';

for (const width of [1280, 390]) {
  describe(`the story at ${width} px`, () => {
    const stage = { width };
    before(async () => {
      forgetPictures(width);
      [stage.world, stage.browser] = await Promise.all([startWorld(), openBrowser()]);
    });
    after(async () => { await stage.browser?.close(); await stage.world?.stop(); });

    test('the citizen books, pays and is told', () => citizen.booksAndPays(stage));
    test('the citizen pays late, and sees a payment refused', () => citizen.paysInOtherWays(stage));
    test('the operator receives, moves and inserts', () => operator.receives(stage));
    test('the operator proposes, the citizen accepts from the link', () => operator.proposes(stage));
    test('the accountant finds the money on its chapters', () => accountant.reconciles(stage));
    test('the administrator sets up a service that can be booked', () => administrator.setsUp(stage));
    test('the administrator tests the connections', () => administrator.testsConnections(stage));
  });
}
