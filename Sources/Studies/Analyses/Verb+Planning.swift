/// The verb of plans: power before data.
extension Verb {
  /// Power.
  public static let power = Verb(
    name: "power",
    abstract: "Power, detectable effects, people, events and sites needed of a planned comparison.",
    discussion: """
      Takes no data file. --design proportions or means: two arms of --people assigned one by one (as R's \
      power.prop.test and power.t.test), or of whole sites (--sites-treated, --sites-comparison, \
      --per-site, --icc, --size-cv), whose variance is inflated by the design effect of unequal sizes \
      (Eldridge, Ashby and Kerry 2006, doi:10.1093/ije/dyl129) and tested by t on sites − 2 degrees of \
      freedom (noncentral t). What is left out is solved for: the detectable effect above and below, the \
      power of --effect, clients needed a site, sites needed; the .limit rows are what ever more clients a \
      site come to, which few sites can't pass. --r2-between and --r2-within: what covariates explain. \
      --simulate draws samples of the plan (beta-binomial or normal sites; Weibull times with gamma \
      frailties; autoregressive panels) and gives the power of the house's tests and their size without \
      any effect. --curve with --values prints a row a value, --by with --by-values several curves. \
      --design survival: with --hazard-ratio the events needed and, with --survival, the people; with \
      --events or --people the power and the hazard ratios that can be found (below and above 1). Arms \
      that were given to whole sites (--sites-treated, --sites-comparison) are tested with t on sites − 2 \
      degrees of freedom, their variance inflated by --icc, or raised by hazards that vary between sites \
      (--site-cv); smallest.p is the least p-value that exchanging sites can reach (Schoenfeld 1981, \
      doi:10.1093/biomet/68.1.316; Freedman 1982, doi:10.1002/sim.4780010204; Xie and \
      Waksman 2003). --design did: the \
      effect that a difference in differences of whole sites can find, (t(1 − level/2) + t(power)) \
      standard errors on sites − 2 degrees of freedom, from the variance of a site's mean after less \
      its mean before with first-order autoregressive errors (Burlig, Preonas and Woerman 2020, \
      doi:10.1016/j.jdeveco.2020.102458); all treated sites start together. --design clusters: the \
      smallest difference in means between few whole sites: --per-site people, --sd or --rate, --icc.
      """,
    formula: .none, data: .none, keys: OptionKey.power,
    example: """
      sibling power --design proportions --sites-treated 5 --sites-comparison 20 --rate 0.3 \
      --curve clients --values 20,50,100,200 --by icc --by-values 0.01,0.05
      """)
}
