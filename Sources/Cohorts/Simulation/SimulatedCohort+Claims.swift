internal import LinearAlgebra
internal import Statistics
internal import Tables

/// A claim for an outcome.
struct SimulatedClaim: Sendable {
  var event: PayableEvent
  var claimed, paid: Int32
  /// 0 paid, 1 rejected, 2 no evidence, 3 capped.
  var status: Int
  var pounds: Double
}

extension SimulatedCohort {
  /// The claims that follow from the recorded jobs under the contract of the day, up to its cap.
  func claims(_ contracts: [SimulatedContract], _ events: [PayableEvent]) -> [SimulatedClaim] {
    let base = RandomStream(seed: simulation.seed, name: "simulated-claim")
    var claims: [SimulatedClaim] = []
    for event in events {
      let site = Int(clients[Int(event.client)].site)
      guard
        let contract = contracts.first(where: {
          $0.site == site && $0.from <= event.day && event.day <= $0.to
        })
      else { continue }
      var stream = base.substream(UInt64(event.client)).substream(UInt64(event.kind))
      let claimed = event.day + 7 + Int32(stream.integer(below: 50))
      guard claimed <= SimulationModel.dataCut else { continue }
      let isRejected = stream.uniform() < 0.02
      let paid = claimed + 20 + Int32(stream.integer(below: 40))
      var (rate, isEvidenced) = (0, true)
      if event.kind > 0 {
        let job = jobs[Int(event.job)]
        // Hours that are not known are paid at the lower rate; exactly 16 are at the boundary.
        rate = 2 * event.kind - 1 + (job.hours >= 16 ? 1 : 0)
        isEvidenced = [.payslip, .employer, .rti].contains(job.verification)
      }
      claims.append(
        SimulatedClaim(
          event: event, claimed: claimed, paid: paid,
          status: isRejected ? 1 : isEvidenced ? 0 : 2, pounds: contract.rates[rate]))
    }
    // Caps bite in the order in which claims are made.
    claims.sort {
      ($0.claimed, $0.event.client, $0.event.kind) < ($1.claimed, $1.event.client, $1.event.kind)
    }
    var spent = [Double](repeating: 0, count: sites.count)
    for number in claims.indices {
      let site = Int(clients[Int(claims[number].event.client)].site)
      guard claims[number].status == 0, let contract = contracts.first(where: { $0.site == site })
      else {
        claims[number].pounds = 0
        claims[number].paid = missingDay
        continue
      }
      if spent[site] + claims[number].pounds > contract.cap {
        claims[number].status = 3
        claims[number].pounds = 0
        claims[number].paid = missingDay
        continue
      }
      spent[site] += claims[number].pounds
      if claims[number].paid > SimulationModel.dataCut { claims[number].paid = missingDay }
    }
    return claims
  }

  func claimsTable(_ contracts: [SimulatedContract], _ events: [PayableEvent]) -> Table {
    let rows = claims(contracts, events)
    let columns = SimulatedColumns(rows: rows)
    let identifiers = SimulatedIdentifiers(seed: simulation.seed)
    return table([
      identified("claim_id", rows) { claim in
        SimulatedIdentifiers.text(
          109, identifiers.bits(Int(claim.event.client)), [101, 115, 116][claim.event.kind])
      },
      identified("client_id", rows) {
        SimulatedIdentifiers.text(99, identifiers.bits(Int($0.event.client)))
      },
      identified("job_id", rows) { claim in
        guard claim.event.job >= 0 else { return nil }
        let job = jobs[Int(claim.event.job)]
        return SimulatedIdentifiers.text(
          106, identifiers.bits(Int(claim.event.client)), 49 + UInt8(job.number))
      },
      columns.text("outcome", ["engagement", "job_start", "sustained"]) { $0.event.kind },
      columns.dates("event_date") { $0.event.day },
      columns.dates("claimed_date") { $0.claimed },
      columns.dates("paid_date") { $0.paid },
      columns.text("status", ["paid", "rejected", "no_evidence", "capped"]) { $0.status },
      columns.doubles("amount_gbp") { $0.pounds },
    ])
  }

  private func identified(
    _ name: String, _ rows: [SimulatedClaim], _ text: (SimulatedClaim) -> String?
  ) -> Column {
    Column(name: name, values: .text(Factor(rows.map(text))))
  }
}
