using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>What a session still has to send, and who waits for which answer.</summary>
internal sealed class OperationQueue
{
    private const int OperationsPerMessage = 1024;
    private const int BytesPerMessage = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Proto.SessionOperation> _unsent = new();
    private readonly Dictionary<ulong, TaskCompletionSource<Proto.SessionResult>> _pending = [];
    private readonly List<ulong> _cancels = [];
    private ulong _latestTag;
    private long _credits;
    private QueuedException? _end;

    public bool IsEnded
    {
        get
        {
            lock (_gate)
                return _end is not null;
        }
    }

    public bool HasSentAll
    {
        get
        {
            lock (_gate)
                return _unsent.Count == 0;
        }
    }

    /// <summary>Gives the operation its tag.</summary>
    /// <returns>The answer; fails where the session ends before it.</returns>
    public Task<Proto.SessionResult> Add(Proto.SessionOperation operation)
    {
        lock (_gate)
        {
            if (_end is not null)
                return Task.FromException<Proto.SessionResult>(_end);
            operation.Tag = ++_latestTag;
            var answer = new TaskCompletionSource<Proto.SessionResult>(
                TaskCreationOptions.RunContinuationsAsynchronously);
            _pending.Add(operation.Tag, answer);
            _unsent.Enqueue(operation);
            return answer.Task;
        }
    }

    public void AddSilent(Proto.SessionOperation operation)
    {
        lock (_gate)
        {
            if (_end is null)
                _unsent.Enqueue(operation);
        }
    }

    /// <summary>Calls off the wait of an operation that has no answer yet.</summary>
    public void Cancel(ulong tag)
    {
        lock (_gate)
        {
            if (_pending.ContainsKey(tag))
                _cancels.Add(tag);
        }
    }

    /// <returns>Null: there is nothing to send, or no credit to send it with.</returns>
    public Proto.OpenSessionRequest? TakeMessage()
    {
        lock (_gate)
        {
            Proto.OpenSessionRequest? message = null;
            var bytes = 0;
            while (_credits > 0 && bytes < BytesPerMessage && _unsent.Count > 0
                && (message is null || message.Operations.Count < OperationsPerMessage))
            {
                var operation = _unsent.Dequeue();
                bytes += operation.CalculateSize();
                _credits--;
                message ??= new Proto.OpenSessionRequest();
                message.Operations.Add(operation);
            }

            // A cancel must not overtake its operation.
            if (_cancels.Count > 0 && _unsent.Count == 0)
            {
                message ??= new Proto.OpenSessionRequest();
                message.CancelTags.Add(_cancels);
                _cancels.Clear();
            }

            return message;
        }
    }

    /// <summary>Hands out answers and credits.</summary>
    /// <returns>Whether there is more that can be sent now.</returns>
    public bool Take(Proto.OpenSessionResponse response)
    {
        foreach (var result in response.Results)
        {
            TaskCompletionSource<Proto.SessionResult>? answer;
            lock (_gate)
                _pending.Remove(result.Tag, out answer);
            answer?.SetResult(result);
        }

        lock (_gate)
        {
            _credits += response.OperationCredits;
            return _unsent.Count > 0;
        }
    }

    /// <summary>Everybody who waits, and everybody who comes from now on, hears this.</summary>
    public void End(QueuedException end)
    {
        List<TaskCompletionSource<Proto.SessionResult>> all;
        lock (_gate)
        {
            _end = end;
            all = [.. _pending.Values];
            _pending.Clear();
            _unsent.Clear();
        }

        foreach (var answer in all)
            answer.SetException(end);
    }
}
