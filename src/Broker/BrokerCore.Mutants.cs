namespace Queued.Broker;

public sealed partial class BrokerCore
{
    /// <summary>The bug that is switched on; always none outside the tests.</summary>
    internal Mutant Mutant
    {
        get => _turn.Mutant;
        set => _turn.Mutant = value;
    }
}
