import type { Signature } from '../src/types';
import { choose, field } from './editor';
import { expect, test } from './grafana';
import { SAMPLES } from './names';

const LIST = /^(List|列出)$/;

test.beforeEach(async ({ variableEditPage, page }) => {
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set(SAMPLES.name);
  await expect(field(page, LIST)).toBeVisible();
});

test('a variable lists the signatures', async ({ variableEditPage, page }) => {
  await expect(field(page, LIST)).toHaveValue('Signatures');
  const catalogue = await page.request.get(`/api/datasources/uid/${SAMPLES.uid}/resources/signatures`);
  const [first]: Signature[] = await catalogue.json();
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews([first.title]);
});

test('a variable lists the incidents', async ({ variableEditPage, page }) => {
  await choose(page, LIST, 'Incidents');
  const answered = page.waitForResponse((answer) => answer.url().includes('/api/ds/query'));
  await variableEditPage.runQuery();
  expect((await answered).status()).toBe(200);
  await expect(field(page, /^States/)).toBeVisible();
});
