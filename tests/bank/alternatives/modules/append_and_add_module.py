"""Layers added one by one, with add_module and append, and outputs gathered in loops."""


class ParallelLinears(nn.Module):
    def __init__(self, dim, count):
        nn.Module.__init__(self)
        self.linear_list = nn.ModuleList()
        for _ in range(count):
            self.linear_list.append(nn.Linear(in_features=dim, out_features=dim, bias=True))

    def forward(self, x):
        outputs = ()
        for i in range(len(self.linear_list)):
            outputs += (self.linear_list[i].forward(x),)
        return outputs


class Classifier(nn.Module):
    def __init__(self, in_dim=128, hidden=128, classes=2):
        super(Classifier, self).__init__()
        self.layers = nn.Sequential()
        self.layers.add_module("0", nn.Linear(in_dim, hidden))
        self.layers.add_module("1", nn.ReLU(inplace=True))
        self.layers.add_module("2", nn.Linear(hidden, classes))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class ResidualMLP(nn.Module):
    def __init__(self, dim, depth):
        super().__init__()
        blocks = []
        while len(blocks) < depth:
            blocks.append(nn.Sequential(nn.Linear(dim, dim), nn.ReLU(inplace=True), nn.Linear(dim, dim)))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x):
        y = x.clone()
        for block in self.blocks:
            y = torch.add(block(y), y)
        return y


def count_parameters(model, trainable_only=False):
    seen, total = set(), 0
    for module in model.modules():
        for parameter in module._parameters.values():
            if parameter is None or id(parameter) in seen:
                continue
            seen.add(id(parameter))
            if trainable_only and not parameter.requires_grad:
                continue
            product = 1
            for size in parameter.size():
                product *= size
            total += product
    return total
