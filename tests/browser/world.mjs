// Starts the demonstration on free ports and drives it with the machine's Chromium.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
const START_MAX_MS = 120_000;

const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--lang=it'];

/** The first of six free ports in a row. */
async function freePorts() {
  for (let first = 18_100 + Math.floor(Math.random() * 2_000) * 6; ; first += 6) {
    const free = await Promise.all([...Array(6).keys()].map((offset) => new Promise((resolve) => {
      const socket = createServer().once('error', () => resolve(false));
      socket.listen(first + offset, '127.0.0.1', () => socket.close(() => resolve(true)));
    })));
    if (free.every(Boolean)) return first;
  }
}

/** Starts the demonstration; `stop()` ends it. What it wrote of itself is in `summary`. */
export async function startWorld() {
  const folder = mkdtempSync(path.join(tmpdir(), 'sportello-browser-'));
  const out = path.join(folder, 'demo.json');
  const port = await freePorts();
  const program = spawn(path.join(target, 'debug', 'sportello'), ['demo', '--port', String(port), '--out', out], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: '', SPORTELLO_DATABASE_URL: '', SPORTELLO_LOG_FILTER: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  program.stdout.resume();
  const begun = Date.now();
  while (!existsSync(out)) {
    if (program.exitCode !== null || Date.now() - begun > START_MAX_MS) throw new Error('the demonstration did not start');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  const summary = JSON.parse(readFileSync(out, 'utf8'));
  const stop = () => new Promise((resolve) => {
    program.once('exit', () => { rmSync(folder, { recursive: true, force: true }); resolve(); });
    program.kill('SIGINT');
  });
  return { summary, base: `${summary.base_url}/${summary.entity}`, stop };
}

/** The machine's browser. */
export function openBrowser() {
  const executablePath = process.env.CHROMIUM ?? CHROMIUMS.find((candidate) => existsSync(candidate));
  return chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, LANGUAGE: 'it' } });
}

const pictures = (width) => path.join(target, 'screens', String(width));

/** Throws away the pictures of an earlier run. */
export function forgetPictures(width) {
  rmSync(pictures(width), { recursive: true, force: true });
}

/** A visitor with a screen of their own; every page they see is kept as a picture under `target/screens`. */
export async function visitor(browser, name, width, options = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: 'it-IT', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems = [];
  page.on('console', (message) => {
    // A 4xx page is one the story asks for; everything else a browser complains of is a defect.
    if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  const folder = pictures(width);
  mkdirSync(folder, { recursive: true });
  let number = 0;
  const picture = async (what) => {
    number += 1;
    const file = `${name}-${String(number).padStart(2, '0')}-${what}.png`;
    await page.screenshot({ path: path.join(folder, file), fullPage: true });
    await noSidewaysScroll(page, file);
  };
  return { page, picture, problems, close: () => context.close() };
}

/** Nobody has to scroll sideways. */
async function noSidewaysScroll(page, file) {
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  if (content > screen + 1) throw new Error(`${file}: the page is ${content} px wide on a screen of ${screen}`);
}

/** Logs in at the simulated provider, by the person's name, and comes back. */
export async function logInAs(page, world, name) {
  await page.locator('button', { hasText: name }).first().click();
  await page.waitForURL((url) => url.href.startsWith(world.base));
}

/** Goes on to the next page of a form. */
export async function next(page) {
  await page.getByRole('button', { name: 'Avanti' }).click();
}

/** Waits until the page says so. */
export async function says(page, words) {
  for (let tries = 0; tries < 40 && !words.test(await page.locator('main').innerText()); tries += 1) {
    await page.waitForTimeout(250);
  }
  assert.match(await page.locator('main').innerText(), words);
}

/** Reloads until the page's title says so: what arrives by itself arrives soon. */
export async function until(page, words) {
  for (let tries = 0; tries < 20 && !words.test(await page.title()); tries += 1) {
    await page.waitForTimeout(500);
    await page.reload();
  }
  assert.match(await page.title(), words);
}

/** The text of the newest message whose subject is so, once it has arrived. */
export async function lastMail(page, world, subject) {
  for (let tries = 0; tries < 40; tries += 1) {
    await page.goto(world.summary.simulators.mail);
    const message = page.locator('a[href^="/messaggi/"]').filter({ hasText: subject }).first();
    if (await message.count()) {
      await message.click();
      return page.locator('body').innerText();
    }
    await page.waitForTimeout(500);
  }
  throw new Error(`no message ${subject} has arrived`);
}
