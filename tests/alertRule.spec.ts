import { expect, test } from '@grafana/plugin-e2e';

import { SAMPLES } from './samples';

test('an alert rule starts with numbers and evaluates', async ({ alertRuleEditPage, readProvisionedDataSource }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  const query = await alertRuleEditPage.getQueryRow();
  await query.datasource.set(name);
  await expect(query.locator.getByLabel('Query type')).toHaveValue('Alert');
  await expect(alertRuleEditPage.evaluate()).toBeOK();
});

test('a table in an alert rule is advised against', async ({ alertRuleEditPage, readProvisionedDataSource, page }) => {
  const { name } = await readProvisionedDataSource(SAMPLES);
  const query = await alertRuleEditPage.getQueryRow();
  await query.datasource.set(name);
  await query.locator.getByLabel('Query type').click();
  await expect(page.getByRole('option', { name: /^Count/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /^Incidents/ })).toBeHidden();
});
