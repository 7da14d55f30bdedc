namespace Queued.Client.Maps;

/// <summary>
/// Inputs that follow each other, and what became of each. Its results are filled in by the reader of the map alone.
/// </summary>
internal sealed class MapChunk<TIn, TOut>(long firstIndex)
{
    private TOut[] _outputs = [];
    private QueuedException?[]? _errors;
    private int _missing;

    public long FirstIndex => firstIndex;

    public List<TIn> Inputs { get; } = [];

    public int Count => Inputs.Count;

    public bool IsComplete => _missing == 0;

    /// <summary>No more inputs come.</summary>
    public void Close()
    {
        _outputs = new TOut[Inputs.Count];
        _missing = Inputs.Count;
    }

    public void Succeed(int item, TOut output)
    {
        _outputs[item] = output;
        _missing--;
    }

    public void Fail(int item, QueuedException error)
    {
        _errors ??= new QueuedException?[Inputs.Count];
        _errors[item] = error;
        _missing--;
    }

    public TOut OutputOf(int item) => _errors?[item] is { } error ? throw error : _outputs[item];

    public MapResult<TIn, TOut> ResultOf(int item) => new()
    {
        Index = firstIndex + item,
        Input = Inputs[item],
        Error = _errors?[item],
        Output = _outputs[item],
    };
}
