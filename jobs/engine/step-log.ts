/** A line of a step's log. */
export type StepLog = (message: string, data?: object) => void
