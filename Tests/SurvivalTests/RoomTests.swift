import Testing

@testable import Survival
