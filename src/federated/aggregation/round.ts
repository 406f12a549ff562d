/** What sending at once was, for the price and the record. Squared norms are sums over the entries that were sent. */
export interface AirRound {
  /** p_k [K]; 0 for clients that do not send */
  power: number[];
  /** Complex channel uses, pilots not counted */
  uses: number;
  /** ‖Σ_k w_k v_k‖² of those who send */
  signal: number;
  /** E‖received − Σ_k w_k v_k‖² by the formula, given the channel estimates */
  expectedError: number;
  /** The same as it was */
  error: number;
}
