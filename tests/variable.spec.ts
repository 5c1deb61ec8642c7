import { expect, test } from '@grafana/plugin-e2e';

import { SAMPLES } from './samples';

test('a variable lists the signatures', async ({ variableEditPage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set(name);
  await expect(page.getByLabel('List', { exact: true })).toHaveValue('Signatures');
  const catalogue = page.waitForResponse((response) => response.url().endsWith('/resources/signatures'));
  await variableEditPage.runQuery();
  const [first] = await (await catalogue).json();
  await expect(variableEditPage).toDisplayPreviews([first.title]);
});
