namespace Queued.Client;

public partial interface IQueuedClient
{
    /// <summary>Reads and steers all shared objects.</summary>
    IStates States { get; }

    /// <summary>
    /// A lock that all who use its name share. Dispose of the handle, and not of its grants alone: until then, or the
    /// end of the client, the object stays.
    /// </summary>
    /// <param name="name">Its name, <c>[A-Za-z0-9._-]{1,128}</c>; all kinds of shared objects have one space of names.
    /// </param>
    /// <param name="keep">It stays without users until it is deleted or the daemon ends. Default: false.</param>
    SharedLock Lock(string name, bool keep = false);

    /// <summary>A reentrant lock. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedRLock RLock(string name, bool keep = false);

    /// <summary>A semaphore, whose permits can become more than at first. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="permits">Permits at first, 0 to 1 000 000; the same for all who use it. Default: 1.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedSemaphore Semaphore(string name, int permits = 1, bool keep = false);

    /// <summary>A semaphore whose permits never become more than at first. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="permits">Permits, 1 to 1 000 000; the same for all who use it. Default: 1.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedSemaphore BoundedSemaphore(string name, int permits = 1, bool keep = false);

    /// <summary>An event. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedEvent Event(string name, bool keep = false);

    /// <summary>A condition, with a lock of its own. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedCondition Condition(string name, bool keep = false);

    /// <summary>A barrier. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parties">How many go on together, 1 to 10 000; the same for all who use it.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedBarrier Barrier(string name, int parties, bool keep = false);

    /// <summary>A counter. See <see cref="Lock"/>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="initial">Its value when it is made; the same for all who use it. Default: 0.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedCounter Counter(string name, long initial = 0, bool keep = false);

    /// <summary>A value. See <see cref="Lock"/>.</summary>
    /// <typeparam name="T">Its type: bytes as they are, all others as JSON.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedValue<T> Value<T>(string name, bool keep = false);

    /// <summary>An array. See <see cref="Lock"/>.</summary>
    /// <typeparam name="T">Type of its elements, at most 64 bytes each.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="length">How many elements, at most 64 MiB in all; the same for all who use it.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedArray<T> Array<T>(string name, int length, bool keep = false)
        where T : unmanaged;

    /// <summary>A map. See <see cref="Lock"/>.</summary>
    /// <typeparam name="T">Type of its values: bytes as they are, all others as JSON.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedMap<T> Map<T>(string name, bool keep = false);

    /// <summary>A list. See <see cref="Lock"/>.</summary>
    /// <typeparam name="T">Type of its items: bytes as they are, all others as JSON.</typeparam>
    /// <param name="name">Its name.</param>
    /// <param name="keep">It stays without users. Default: false.</param>
    SharedList<T> List<T>(string name, bool keep = false);
}
