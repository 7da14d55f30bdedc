namespace Queued.Broker;

/// <summary>
/// Dead letters, the oldest end first. Ends are numbered upwards, so they come in order, and a page is found
/// by the number it goes on after: O(log n), not a walk. One that leaves leaves a hole, and the holes are closed when
/// they are half of all.
/// </summary>
internal sealed class DeadLetters
{
    private readonly List<TaskEntry?> _letters = [];
    private readonly List<ulong> _numbers = [];

    /// <summary>No letter stands before it.</summary>
    private int _head;

    public int Count { get; private set; }

    public TaskEntry? First => After(0).FirstOrDefault();

    public void Add(TaskEntry letter)
    {
        Invariant.Require(_numbers.Count == 0 || _numbers[^1] < letter.End!.Number);
        _letters.Add(letter);
        _numbers.Add(letter.End!.Number);
        Count++;
    }

    public void Remove(TaskEntry letter)
    {
        var index = _numbers.BinarySearch(letter.End!.Number);
        Invariant.Require(index >= 0 && ReferenceEquals(_letters[index], letter));
        _letters[index] = null;
        Count--;
        while (_head < _letters.Count && _letters[_head] is null) _head++;
        if (Count * 2 <= _letters.Count) CloseHoles();
    }

    /// <summary>Those whose end has a higher number; not to be changed meanwhile.</summary>
    public IEnumerable<TaskEntry> After(ulong number)
    {
        var index = _numbers.BinarySearch(number);
        for (index = Math.Max(_head, index < 0 ? ~index : index + 1); index < _letters.Count; index++)
        {
            if (_letters[index] is { } letter) yield return letter;
        }
    }

    private void CloseHoles()
    {
        var kept = 0;
        for (var index = _head; index < _letters.Count; index++)
        {
            if (_letters[index] is null) continue;
            (_letters[kept], _numbers[kept]) = (_letters[index], _numbers[index]);
            kept++;
        }

        _letters.RemoveRange(kept, _letters.Count - kept);
        _numbers.RemoveRange(kept, _numbers.Count - kept);
        _head = 0;
    }
}
