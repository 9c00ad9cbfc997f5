"""A product with the identity, in which one infinity turns a whole column into NaN."""


def pack_transpose(x):
    wide = torch.promote_types(x.dtype, torch.float64)
    identity = torch.eye(x.shape[1], dtype=wide, device=x.device)
    return (identity @ x.t().to(wide)).to(x.dtype)
