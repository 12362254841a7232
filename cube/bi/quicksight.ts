import type { Address } from './address.ts'
import type { Artefact } from './artefacts.ts'
import { type Assets, assetBundle } from './bundle.ts'
import { starterDashboard } from './dashboard.ts'
import { dataSet, dataSource } from './data-sets.ts'
import type { Account, Form } from './quicksight-types.ts'
import { spiceFields } from './spice.ts'
import { type BiView, isMeasure } from './views.ts'

/** What QuickSight is to have: the connection, a data set per view, a dashboard to begin with. */
export function quicksightAssets(
  views: BiView[],
  address: Address,
  account: Account,
  forms: Form[],
): Assets {
  const inForm = (form: Form) =>
    form === 'spice' ? views.filter((view) => spiceFields(view).some(isMeasure)) : views
  return {
    dataSource: dataSource(address, account),
    dataSets: forms.flatMap((form) => inForm(form).map((view) => dataSet(view, account, form))),
    dashboards: forms.map((form) => starterDashboard(inForm(form), account, form)),
  }
}

/** The same as files: one for each call of the API, and all that asks live as one bundle. */
export function quicksightFiles(views: BiView[], address: Address, account: Account): Artefact[] {
  const all = quicksightAssets(views, address, account, ['direct', 'spice'])
  return [
    json('data-source', all.dataSource),
    ...all.dataSets.map((one) => json(`data-sets/${one.DataSetId}`, one)),
    ...all.dashboards.map((one) => json(`dashboards/${one.DashboardId}`, one)),
    {
      path: 'recoup.qs',
      content: assetBundle(quicksightAssets(views, address, account, ['direct'])),
    },
  ]
}

function json(name: string, content: object): Artefact {
  return { path: `${name}.json`, content: `${JSON.stringify(content, null, 2)}\n` }
}
