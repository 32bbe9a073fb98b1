"""Worth in five ways, with what it is computed from: unit values and referrals."""
