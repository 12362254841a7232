import { unitsOf } from '../engine/graph.ts'
import { assetOverview } from '../engine/overview/assets.ts'
import { assetDetail } from '../engine/overview/asset.ts'
import { requireWarehouse } from '../kpis/with-cube.ts'
import { withWarehouse } from '../postgres/warehouse.ts'
import { type Format, json } from '../terminal/formats.ts'
import { openWorks } from '../worker.ts'
import { detailJson, detailWords } from './engine/asset-detail.ts'
import { overviewJson, overviewTable } from './engine/asset-list.ts'
import { selected } from './engine/selected.ts'

/** `recoup assets`: how every asset stands; a single one, called by its name, in detail. */
export async function assets(words: readonly string[], { format }: { format: Format }) {
  requireWarehouse()
  await withWarehouse(async ({ url }) => {
    await using works = await openWorks(url)
    const { db, plan } = works
    const units = words.length > 0 ? selected(words, plan.assets) : unitsOf(plan.assets)
    const [asset, ...others] = units.flatMap(({ outputs }) => outputs)
    const isNamed = words.length === 1 && /^[\w.]+$/.test(words[0]!)
    if (asset && others.length === 0 && isNamed) {
      const detail = await assetDetail(db, plan, asset)
      return console.log(format === 'json' ? json(detailJson(detail)) : detailWords(detail))
    }
    const found = await assetOverview(db, plan, units)
    console.log(format === 'json' ? json(found.map(overviewJson)) : overviewTable(found))
  })
}
