/** The closed lists that feeds of several families share. */

/** ISO 4217 codes Recoup can convert: the euro and every currency the European Central Bank has quoted. */
export const CURRENCIES = [
  'EUR', 'USD', 'JPY', 'BGN', 'CYP', 'CZK', 'DKK', 'EEK', 'GBP', 'HUF', 'LTL', 'LVL', 'MTL', 'PLN',
  'ROL', 'RON', 'SEK', 'SIT', 'SKK', 'CHF', 'ISK', 'NOK', 'HRK', 'RUB', 'TRL', 'TRY', 'AUD', 'BRL',
  'CAD', 'CNY', 'HKD', 'IDR', 'ILS', 'INR', 'KRW', 'MXN', 'MYR', 'NZD', 'PHP', 'SGD', 'THB', 'ZAR',
] as const

/** The marketplaces that fees, payments, cases and contacts belong to. */
export const MARKETPLACES = ['DE', 'FR', 'ES', 'IT', 'UK', 'PL', 'SE', 'US', 'JP'] as const
