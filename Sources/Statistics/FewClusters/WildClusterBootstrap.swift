/// The wild cluster bootstrap of one coefficient's test, in eight variants.
public struct WildClusterBootstrap: Sendable, Equatable {
  /// How the bootstrap's residuals and its standard errors are made.
  public struct Variant: Sendable, Equatable, Hashable {
    /// Whether the null hypothesis is imposed on the bootstrap's data (WCR) or not (WCU).
    public var isRestricted: Bool
    /// Whether residuals are those of leaving the cluster out (first digit 3) or plain (1).
    public var hasJackknifeResiduals: Bool
    /// Whether standard errors are the jackknife's, CR3 (second digit 3), or CR1 (1).
    public var hasJackknifeErrors: Bool
  }
}
