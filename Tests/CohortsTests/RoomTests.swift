import Testing

@testable import Cohorts
