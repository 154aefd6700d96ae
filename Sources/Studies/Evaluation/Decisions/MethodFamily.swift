internal import Matching

/// The kinds of method that the primary effect is estimated by, and what each takes for granted.
enum MethodFamily: String, CaseIterable {
  case assigned = "as assigned"
  case unadjusted
  case matching
  case weighting
  case doublyRobust = "doubly robust"
  case differences = "difference in differences"
  case sites = "site by site"
  case survival
  case imputation
  case bounds

  /// The family of a design.
  init(_ method: MatchDesign.Method) {
    switch method {
    case .inverseProbability, .entropy, .balancingScore: self = .weighting
    case .score: self = .doublyRobust
    case .nearest, .optimal, .full, .subclass, .coarsened, .exact, .quick, .cardinality, .neighbors:
      self = .matching
    }
  }

  /// The family of an estimator on a design.
  init(_ estimator: String, _ design: MatchDesign.Method) {
    switch estimator {
    case "aipw", "tmle", "dml": self = .doublyRobust
    case "abadie-imbens": self = .matching
    default: self.init(design)
    }
  }

  /// What it takes for granted, in a few words.
  var assumes: String {
    switch self {
    case .assigned: "chance decided who was treated"
    case .unadjusted: "the groups were alike from the start"
    case .matching: "nothing unrecorded sets matched people apart"
    case .weighting: "nothing unrecorded sets the groups apart, and weights balance what matters"
    case .doublyRobust:
      "nothing unrecorded sets the groups apart; the model of treatment or of the outcome is right"
    case .differences: "without treatment both groups would have changed alike"
    case .sites: "sites are alike but for treatment; each counts as one observation"
    case .survival: "whoever is lost from sight is like those who stay"
    case .imputation: "unknown outcomes are like known ones of people alike on record"
    case .bounds: "nothing about unknown outcomes; it says what is possible, not what is likely"
    }
  }
}

extension MatchDesign.Method {
  /// What the design is called in a table of methods.
  var methodName: String {
    switch self {
    case .nearest: "nearest neighbours"
    case .optimal: "optimal pairs"
    case .full: "full matching"
    case .quick: "generalised full matching"
    case .subclass: "subclasses"
    case .coarsened: "coarsened exact matching"
    case .exact: "exact matching"
    case .cardinality: "cardinality matching"
    case .inverseProbability: "inverse-probability weights"
    case .entropy: "entropy balancing"
    case .balancingScore: "covariate balancing score"
    case .score: "fitted score"
    case .neighbors: "nearest neighbours, ties averaged"
    }
  }
}
