import { expect, test } from './grafana';
import { SAMPLES } from './names';

const { type } = SAMPLES;

test('the built-in samples need no connection', async ({ createDataSourceConfigPage, page }) => {
  const configPage = await createDataSourceConfigPage({ type });
  await expect(page.getByLabel(/^(Loki URL|Loki 地址)/)).toBeVisible();
  await page.getByRole('radio', { name: 'Built-in samples' }).check({ force: true });
  await expect(page.getByLabel(/^(Loki URL|Loki 地址)/)).toBeHidden();
  await expect(configPage.saveAndTest()).toBeOK();
  await expect(configPage).toHaveAlert('success', { hasText: /Connected: \d+ signatures, \d+ streams/ });
});

test('a Loki that does not answer is named in the health check', async ({ createDataSourceConfigPage, page }) => {
  const configPage = await createDataSourceConfigPage({ type });
  await page.getByLabel(/^(Loki URL|Loki 地址)/).fill('http://127.0.0.1:9');
  await expect(configPage.saveAndTest()).not.toBeOK();
  await expect(configPage).toHaveAlert('error', { hasText: '127.0.0.1:9' });
});

test('a wrong selector is shown where it is typed', async ({ createDataSourceConfigPage, page }) => {
  await createDataSourceConfigPage({ type });
  await page.getByLabel('Stream selector').first().fill('namespace=blueking');
  // At once by its shape, and then by the place that the backend names.
  const problem = page.getByText(/starts with "{" \(at position 1\)/);
  await expect(problem).toBeVisible();
  await page.getByRole('button', { name: 'Restore defaults' }).click();
  await expect(problem).toBeHidden();
});

test('signatures are checked while they are typed', async ({ createDataSourceConfigPage, page }) => {
  await createDataSourceConfigPage({ type });
  await page.getByRole('button', { name: 'Expand section Custom signatures' }).click();
  await page.locator('.monaco-editor').first().click();
  await page.keyboard.insertText('apiVersion: bkincidents/v1\nid: mine\nsevirity: low\n');
  await expect(page.getByText(/unknown key "sevirity"/)).toBeVisible();
});
