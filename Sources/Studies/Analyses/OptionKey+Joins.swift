/// The option that puts columns of other files beside the data.
extension OptionKey {
  static let join = OptionKey(
    "join", .texts,
    "Add the columns of another file by key, before --derive: 'sites.csv by site_id'. After the keys"
      + " (several with commas, KEY=KEY where the names differ) may stand many-to-one (unless given),"
      + " one-to-one or one-to-many; keep (unless given), drop or refuse for rows without a match; and"
      + " suffix _x for names in both. May be given several times.")
}
