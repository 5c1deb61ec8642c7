import { choose, field, TYPE, VIEW } from './editor';
import { expect, test } from './grafana';
import { SAMPLES } from './names';

test('an alert rule starts with numbers and evaluates as it is', async ({ alertRuleEditPage }) => {
  const query = await alertRuleEditPage.getQueryRow();
  await query.datasource.set(SAMPLES.name);
  await expect(field(query.locator, TYPE)).toHaveValue('Alert');
  await expect(field(query.locator, VIEW)).toHaveValue('Identity');
  await expect(alertRuleEditPage.evaluate()).toBeOK();
});

test('a count evaluates, too', async ({ alertRuleEditPage }) => {
  const query = await alertRuleEditPage.getQueryRow();
  await query.datasource.set(SAMPLES.name);
  await choose(query.locator, TYPE, 'Count');
  await expect(field(query.locator, TYPE)).toHaveValue('Count');
  await expect(alertRuleEditPage.evaluate()).toBeOK();
});

test('a table in an alert rule is advised against', async ({ alertRuleEditPage, page }) => {
  const query = await alertRuleEditPage.getQueryRow();
  await query.datasource.set(SAMPLES.name);
  await field(query.locator, TYPE).click();
  await expect(page.getByRole('option', { name: /^Count/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /^Incidents/ })).toBeHidden();
});
