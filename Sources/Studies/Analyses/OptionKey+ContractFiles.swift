/// Files of the schema's tables about contracts, which several verbs read.
extension OptionKey {
  static let contractTermsFile = OptionKey(
    "contracts", .text,
    "File of the contracts, one row a version: contract_id, site_id, version, effective_from …")
  static let tariffsFile = OptionKey(
    "tariffs", .text,
    "File of the tariffs, one row a priced outcome: contract_id, version, outcome, hours_band,"
      + " amount_gbp …")
  static let payerSharesFile = OptionKey(
    "payer-shares", .text,
    "File of who pays which share: contract_id, version, outcome, payer, share, payer_cap_gbp …")
  static let payerCapsFile = OptionKey(
    "payer-caps", .text,
    "File of payers' caps over several contracts: payer, contract_id (empty = all), valid_from,"
      + " valid_to, cap_gbp.")
  static let clientsFile = OptionKey(
    "clients", .text, "File of the clients, one row a client and episode: client_id, site_id …")

  /// The files of the contracts' terms.
  static let contractFiles: [OptionKey] = [
    .contractTermsFile, .tariffsFile, .payerSharesFile, .payerCapsFile,
  ]
}
